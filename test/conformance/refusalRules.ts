/** Reviewed by hand; refusals.ts says how it is used. */
import type { RefusalRule } from './refusals.js';

export const RULES: readonly RefusalRule[] = [
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Softmax and attention add up exponentials in float32, and the order of the sum decides the last bits',
    cases: [
      'attention_*', 'flexattention_*', 'logsoftmax_*', 'softmax_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'A float32 sum or product of many elements, whose last bits depend on its order',
    cases: [
      'lppool_*', 'nllloss_NCd1_*', 'nllloss_NCd1d2_no_weight_reduction_mean_ii_expanded', 'nllloss_NCd1d2_reduction_*',
      'nllloss_NCd1d2_with_weight_reduction_*', 'nllloss_NCd1d2d3_sum_weight_high_ii_expanded',
      'nllloss_NCd1d2d3d4d5_mean_weight_expanded', 'reduce_l1_*', 'reduce_l2_*', 'reduce_log_*', 'reduce_mean_*',
      'reduce_prod_*', 'reduce_sum_*',
    ],
  },
  {
    code: 'TYPE_UNSUPPORTED',
    reason: 'Tensors of float16, bfloat16 or float64, which zkonnx does not compute with',
    cases: [
      'cast_DOUBLE_*', 'cast_FLOAT16_*', 'cast_FLOAT4E2M1_to_FLOAT16', 'cast_FLOAT8E4M3FNUZ_to_FLOAT16',
      'cast_FLOAT8E4M3FN_to_FLOAT16', 'cast_FLOAT8E5M2FNUZ_to_FLOAT16', 'cast_FLOAT8E5M2_to_FLOAT16', 'cast_INT2_to_FLOAT16',
      'cast_INT4_to_FLOAT16', 'cast_UINT2_to_FLOAT16', 'cast_UINT4_to_FLOAT16', 'cast_e8m0_FLOAT16_to_FLOAT8E8M0',
      'cast_e8m0_FLOAT8E8M0_to_FLOAT16', 'cast_no_*', 'castlike_DOUBLE_*', 'castlike_FLOAT16_*',
      'castlike_FLOAT4E2M1_to_FLOAT16*', 'castlike_FLOAT8E4M3FNUZ_to_FLOAT16*', 'castlike_FLOAT8E4M3FN_to_FLOAT16*',
      'castlike_FLOAT8E5M2FNUZ_to_FLOAT16*', 'castlike_FLOAT8E5M2_to_FLOAT16*', 'castlike_INT2_to_FLOAT16*',
      'castlike_INT4_to_FLOAT16*', 'castlike_UINT2_to_FLOAT16*', 'castlike_UINT4_to_FLOAT16*', 'castlike_no_*', 'cumprod_1d',
      'cumprod_1d_exclusive', 'cumprod_1d_reverse*', 'cumprod_2d_axis_*', 'cumprod_2d_negative_axis', 'cumsum_1d',
      'cumsum_1d_exclusive', 'cumsum_1d_reverse*', 'cumsum_2d_axis_*', 'cumsum_2d_negative_axis', 'max_float16',
      'max_float64', 'min_float16', 'min_float64', 'mod_mixed_sign_float16', 'mod_mixed_sign_float64', 'reduce_log_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'A normalisation: float32 sums of squares and square roots, whose last bits depend on the order of the sum',
    cases: [
      'group_*', 'instancenorm_*', 'l1normalization_*', 'l2normalization_*', 'layer_*', 'lpnormalization_default', 'lrn*',
      'mvn*', 'rms_*',
    ],
  },
  {
    code: 'SHAPE_UNSUPPORTED',
    reason: 'Softmax and attention add up exponentials in float32, and the order of the sum decides the last bits',
    cases: [
      'attention_*',
    ],
  },
  {
    code: 'TYPE_UNSUPPORTED',
    reason: 'Tensors of 2 or 4 bits, or of float8 or float4, which onnxruntime-node cannot exchange',
    cases: [
      'cast_FLOAT4E2M1_to_FLOAT', 'cast_FLOAT8E4M3FNUZ_to_FLOAT', 'cast_FLOAT8E4M3FN_to_FLOAT',
      'cast_FLOAT8E5M2FNUZ_to_FLOAT', 'cast_FLOAT8E5M2_to_FLOAT', 'cast_INT2_to_FLOAT', 'cast_INT2_to_INT8',
      'cast_INT4_to_FLOAT', 'cast_INT4_to_INT8', 'cast_UINT2_to_FLOAT', 'cast_UINT2_to_UINT8', 'cast_UINT4_to_FLOAT',
      'cast_UINT4_to_UINT8', 'cast_e8m0_FLOAT8E8M0_to_FLOAT', 'castlike_FLOAT4E2M1_to_FLOAT',
      'castlike_FLOAT4E2M1_to_FLOAT_expanded', 'castlike_FLOAT8E4M3FNUZ_to_FLOAT',
      'castlike_FLOAT8E4M3FNUZ_to_FLOAT_expanded', 'castlike_FLOAT8E4M3FN_to_FLOAT',
      'castlike_FLOAT8E4M3FN_to_FLOAT_expanded', 'castlike_FLOAT8E5M2FNUZ_to_FLOAT',
      'castlike_FLOAT8E5M2FNUZ_to_FLOAT_expanded', 'castlike_FLOAT8E5M2_to_FLOAT', 'castlike_FLOAT8E5M2_to_FLOAT_expanded',
      'castlike_INT2_to_FLOAT', 'castlike_INT2_to_FLOAT_expanded', 'castlike_INT2_to_INT8*', 'castlike_INT4_to_FLOAT',
      'castlike_INT4_to_FLOAT_expanded', 'castlike_INT4_to_INT8*', 'castlike_UINT2_to_FLOAT',
      'castlike_UINT2_to_FLOAT_expanded', 'castlike_UINT2_to_UINT8*', 'castlike_UINT4_to_FLOAT',
      'castlike_UINT4_to_FLOAT_expanded', 'castlike_UINT4_to_UINT8*', 'dequantizelinear_e4m3fn*', 'dequantizelinear_e5m2',
      'dequantizelinear_float4e2m1', 'dequantizelinear_int2', 'dequantizelinear_int4', 'dequantizelinear_uint2',
      'dequantizelinear_uint4', 'quantizelinear_e4m3fn', 'quantizelinear_e5m2', 'quantizelinear_float4e2m1',
      'quantizelinear_int2', 'quantizelinear_int4', 'quantizelinear_uint2', 'quantizelinear_uint4',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Tensors of 2 or 4 bits, or of float8 or float4, which onnxruntime-node cannot exchange',
    cases: [
      'cast_FLOAT_to_FLOAT4E2M1', 'cast_FLOAT_to_FLOAT8E4M3FN*', 'cast_FLOAT_to_FLOAT8E5M2*', 'cast_FLOAT_to_INT2',
      'cast_FLOAT_to_INT4', 'cast_FLOAT_to_UINT2', 'cast_FLOAT_to_UINT4', 'cast_e8m0_FLOAT_to_FLOAT8E8M0', 'cast_no_*',
      'castlike_FLOAT_to_FLOAT4E2M1*', 'castlike_FLOAT_to_FLOAT8E4M3FN*', 'castlike_FLOAT_to_FLOAT8E5M2*',
      'castlike_FLOAT_to_INT2*', 'castlike_FLOAT_to_INT4*', 'castlike_FLOAT_to_UINT2*', 'castlike_FLOAT_to_UINT4*',
      'castlike_no_*',
    ],
  },
  {
    code: 'SHAPE_UNSUPPORTED',
    reason: 'A tensor without elements, about which there is nothing to prove',
    cases: [
      'constantofshape_int_shape_zero', 'reduce_l1_*', 'reduce_l2_*', 'reduce_log_*', 'reduce_max_empty_set',
      'reduce_min_empty_set', 'reduce_prod_empty_set', 'reduce_sum_*', 'reshape_allowzero_reordered', 'rotary_*',
      'slice_start_out_of_bounds', 'split_zero_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Resize by interpolation computes in float32; nearest is movement and proven',
    cases: [
      'resize_downsample_scales_cubic*', 'resize_downsample_scales_linear*', 'resize_downsample_sizes_cubic*',
      'resize_downsample_sizes_linear_*', 'resize_tf_*', 'resize_upsample_scales_cubic*', 'resize_upsample_scales_linear*',
      'resize_upsample_sizes_cubic',
    ],
  },
  {
    code: 'MODEL_OPSET_UNSUPPORTED',
    reason: 'Opset 27 or 28, which onnxruntime-node 1.30 does not load',
    cases: [
      'causal_*', 'celu*', 'range_*', 'swiglu_*',
    ],
  },
  {
    code: 'SHAPE_UNSUPPORTED',
    reason: 'A normalisation: float32 sums of squares and square roots, whose last bits depend on the order of the sum',
    cases: [
      'layer_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'The result does not depend on the data, so there is nothing to prove',
    cases: [
      'constant', 'constantofshape_*', 'eyelike_*', 'shape*', 'size*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Recurrent operators keep float32 state between steps; unroll and quantize each step',
    cases: [
      'gru_*', 'lstm_*', 'rnn_seq_length', 'simple_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Not lowered yet: RotaryEmbedding',
    cases: [
      'rotary_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Scatter with a reduction combines float32 values',
    cases: [
      'scatter_elements_with_duplicate_indices', 'scatter_elements_with_reduction_*', 'scatternd_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'ONNX Runtime averages in float32, and at these scales a window sum lies where its rounding decides',
    cases: [
      'averagepool_2d_ceil_last_window_starts_on_pad', 'averagepool_2d_pads', 'averagepool_2d_precomputed_pads',
      'averagepool_2d_precomputed_same_upper', 'averagepool_2d_precomputed_strides', 'averagepool_2d_same_upper',
      'averagepool_2d_strides',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Not lowered yet: Hardmax',
    cases: [
      'hardmax_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'The shape of the result depends on the data, and the shapes of a circuit are fixed',
    cases: [
      'nonzero_example', 'unique_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'ONNX Runtime has no quantized average over dilated windows',
    cases: [
      'averagepool_2d_dilations', 'averagepool_3d_*',
    ],
  },
  {
    code: 'SHAPE_UNSUPPORTED',
    reason: 'A window function of a size that is an input: the shape of the result depends on the data',
    cases: [
      'blackmanwindow_*', 'hammingwindow_*', 'hannwindow_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Tensors of float16, bfloat16 or float64, which zkonnx does not compute with',
    cases: [
      'cast_FLOAT_to_DOUBLE', 'cast_FLOAT_to_FLOAT16', 'castlike_FLOAT_to_DOUBLE*', 'castlike_FLOAT_to_FLOAT16*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'The scale depends on the data in float32; quantize statically',
    cases: [
      'dynamicquantizelinear*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Not lowered yet: Einsum',
    cases: [
      'einsum_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Asks about NaN and infinity, which no quantized tensor holds',
    cases: [
      'isinf*', 'isnan*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Dropout in training mode is random',
    cases: [
      'training_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Not lowered yet: Col2Im',
    cases: [
      'col2im*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Sum and Mean of several tensors of different quantization are rounded in float32 between the operands',
    cases: [
      'mean_example', 'mean_two_inputs', 'sum_example', 'sum_two_inputs',
    ],
  },
  {
    code: 'TYPE_UNSUPPORTED',
    reason: 'Scales of float16, which zkonnx does not compute with',
    cases: [
      'qlinearmatmul_2D_int8_float16', 'qlinearmatmul_2D_uint8_float16', 'qlinearmatmul_3D_int8_float16',
      'qlinearmatmul_3D_uint8_float16',
    ],
  },
  {
    code: 'MODEL_OPSET_UNSUPPORTED',
    reason: 'An operator of opset 9 or 10, in a form that opset 11 no longer has',
    cases: [
      'scatter_with_axis', 'scatter_without_axis', 'shrink_hard_expanded_ver18', 'shrink_soft_expanded_ver18',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Quantization by blocks',
    cases: [
      'dequantizelinear_blocked', 'quantizelinear_blocked_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'A quotient of two tensors is a step of neither their sum nor their product; divide by a constant',
    cases: [
      'div', 'div_bcast', 'div_example',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Not lowered yet: TensorScatter',
    cases: [
      'tensorscatter*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'BatchNormalization in training mode computes float32 means of the batch',
    cases: [
      'batchnorm_epsilon_training_mode', 'batchnorm_example_training_mode',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'An activation with one scale per channel; only weights may have that',
    cases: [
      'dequantizelinear_axis', 'quantizelinear_axis',
    ],
  },
  {
    code: 'TYPE_UNSUPPORTED',
    reason: 'Softmax and attention add up exponentials in float32, and the order of the sum decides the last bits',
    cases: [
      'flexattention_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Gemm with a beta other than 1, which ONNX Runtime has no integer kernel for',
    cases: [
      'gemm_all_attributes', 'gemm_beta',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Not lowered yet: the indices that MaxPool gives as a second output',
    cases: [
      'maxpool_with_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Picks elements at places that are data, and multiplies or compares them in float32',
    cases: [
      'nllloss_NCd1d2_with_weight_expanded', 'nllloss_NCd1d2d3_none_no_weight_negative_ii_expanded',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'OneHot of float indices: where elements go must be integers',
    cases: [
      'onehot_with_*',
    ],
  },
  {
    code: 'NATIVE_FAILED',
    reason: 'ONNX Runtime has no Pow of these types, so there is nothing to compare with',
    cases: [
      'pow_types_float32_uint32', 'pow_types_float32_uint64',
    ],
  },
  {
    code: 'TYPE_UNSUPPORTED',
    reason: 'A power of an integer to a fraction is computed in floating point',
    cases: [
      'pow_types_int32_float32', 'pow_types_int64_float32',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Gemm with one bias per row and column, which ONNX Runtime has no integer kernel for',
    cases: [
      'gemm_default_matrix_bias',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Mod of floats, which has no step function',
    cases: [
      'mod_mixed_sign_float32',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Two float roundings that no step function of an integer sum equals at these scales',
    cases: [
      'sub_example',
    ],
  },
];
