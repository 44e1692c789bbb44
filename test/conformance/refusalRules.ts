/** Reviewed by hand; refusals.ts says how it is used. */
import type { RefusalRule } from './refusals.js';

export const RULES: readonly RefusalRule[] = [
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Softmax and attention add up exponentials in float32, and the order of the sum decides the last bits',
    cases: [
      'attention_23_boolmask_fullymasked_row_nan_robustness', 'attention_23_fullymasked_qk_matmul_output_mode3_zero',
      'attention_24_fullymasked_qk_matmul_output_mode3_zero', 'attention_24_qk_matmul_output_mode3_softmax_precision',
      'attention_3d', 'attention_3d_attn_mask', 'attention_3d_causal', 'attention_3d_diff_heads_sizes',
      'attention_3d_diff_heads_sizes_attn_mask', 'attention_3d_diff_heads_sizes_causal',
      'attention_3d_diff_heads_sizes_scaled', 'attention_3d_diff_heads_sizes_softcap',
      'attention_3d_diff_heads_with_past_and_present', 'attention_3d_gqa', 'attention_3d_gqa_attn_mask',
      'attention_3d_gqa_causal', 'attention_3d_gqa_scaled', 'attention_3d_gqa_softcap',
      'attention_3d_gqa_with_past_and_present', 'attention_3d_scaled', 'attention_3d_softcap',
      'attention_3d_transpose_verification', 'attention_3d_with_past_and_present',
      'attention_3d_with_past_and_present_qk_matmul', 'attention_3d_with_past_and_present_qk_matmul_bias',
      'attention_3d_with_past_and_present_qk_matmul_softcap', 'attention_3d_with_past_and_present_qk_matmul_softmax',
      'attention_4d', 'attention_4d_attn_mask', 'attention_4d_attn_mask_3d', 'attention_4d_attn_mask_3d_causal',
      'attention_4d_attn_mask_4d', 'attention_4d_attn_mask_4d_causal', 'attention_4d_attn_mask_bool',
      'attention_4d_attn_mask_bool_4d', 'attention_4d_causal', 'attention_4d_causal_nonpad_attn_mask_composition',
      'attention_4d_causal_nonpad_batch_prefill', 'attention_4d_causal_nonpad_continued_prefill',
      'attention_4d_causal_nonpad_negative_offset_structural_empty', 'attention_4d_causal_with_past_and_present',
      'attention_4d_diff_heads_mask4d_padded_kv', 'attention_4d_diff_heads_sizes', 'attention_4d_diff_heads_sizes_attn_mask',
      'attention_4d_diff_heads_sizes_causal', 'attention_4d_diff_heads_sizes_scaled', 'attention_4d_diff_heads_sizes_softcap',
      'attention_4d_diff_heads_with_past_and_present', 'attention_4d_diff_heads_with_past_and_present_mask3d',
      'attention_4d_diff_heads_with_past_and_present_mask4d', 'attention_4d_fp16', 'attention_4d_gqa',
      'attention_4d_gqa_attn_mask', 'attention_4d_gqa_causal', 'attention_4d_gqa_causal_nonpad_decode',
      'attention_4d_gqa_causal_nonpad_decode_fp16', 'attention_4d_gqa_scaled', 'attention_4d_gqa_softcap',
      'attention_4d_gqa_with_past_and_present', 'attention_4d_gqa_with_past_and_present_fp16', 'attention_4d_scaled',
      'attention_4d_softcap', 'attention_4d_softcap_neginf_mask', 'attention_4d_softcap_neginf_mask_poison',
      'attention_4d_with_past_and_present', 'attention_4d_with_past_and_present_qk_matmul',
      'attention_4d_with_past_and_present_qk_matmul_bias', 'attention_4d_with_past_and_present_qk_matmul_bias_3d_mask',
      'attention_4d_with_past_and_present_qk_matmul_bias_3d_mask_causal',
      'attention_4d_with_past_and_present_qk_matmul_bias_4d_mask',
      'attention_4d_with_past_and_present_qk_matmul_bias_4d_mask_causal', 'attention_4d_with_qk_matmul',
      'attention_4d_with_qk_matmul_bias', 'attention_4d_with_qk_matmul_softcap', 'attention_4d_with_qk_matmul_softmax',
      'attention_causal_boolmask_nan_robustness', 'flexattention_causal_mask_expanded_ver26',
      'flexattention_diff_head_sizes_expanded_ver26', 'flexattention_expanded_ver26', 'flexattention_gqa_expanded_ver26',
      'flexattention_prob_mod_expanded_ver26', 'flexattention_relative_positional_expanded_ver26',
      'flexattention_scaled_expanded_ver26', 'flexattention_score_mod_expanded_ver26',
      'flexattention_soft_cap_expanded_ver26', 'logsoftmax*', 'softmax*',
    ],
  },
  {
    code: 'TYPE_UNSUPPORTED',
    reason: 'Tensors of float16, bfloat16 or float64, which zkonnx does not compute with',
    cases: [
      'cast_DOUBLE*', 'cast_FLOAT16*', 'cast_FLOAT4E2M1_to_FLOAT16', 'cast_FLOAT8E4M3FNUZ_to_FLOAT16',
      'cast_FLOAT8E4M3FN_to_FLOAT16', 'cast_FLOAT8E5M2FNUZ_to_FLOAT16', 'cast_FLOAT8E5M2_to_FLOAT16', 'cast_INT2_to_FLOAT16',
      'cast_INT4_to_FLOAT16', 'cast_UINT2_to_FLOAT16', 'cast_UINT4_to_FLOAT16', 'cast_e8m0_FLOAT16_to_FLOAT8E8M0',
      'cast_e8m0_FLOAT8E8M0_to_FLOAT16', 'cast_no_saturate_FLOAT16*', 'castlike_DOUBLE*', 'castlike_FLOAT16*',
      'castlike_FLOAT4E2M1_to_FLOAT16*', 'castlike_FLOAT8E4M3FNUZ_to_FLOAT16*', 'castlike_FLOAT8E4M3FN_to_FLOAT16*',
      'castlike_FLOAT8E5M2FNUZ_to_FLOAT16*', 'castlike_FLOAT8E5M2_to_FLOAT16*', 'castlike_INT2_to_FLOAT16*',
      'castlike_INT4_to_FLOAT16*', 'castlike_UINT2_to_FLOAT16*', 'castlike_UINT4_to_FLOAT16*',
      'castlike_no_saturate_FLOAT16*', 'cumprod_1d', 'cumprod_1d_exclusive', 'cumprod_1d_reverse*', 'cumprod_2d_axis*',
      'cumprod_2d_negative_axis', 'cumsum_1d', 'cumsum_1d_exclusive', 'cumsum_1d_reverse*', 'cumsum_2d_axis*',
      'cumsum_2d_negative_axis', 'max_float16', 'max_float64', 'min_float16', 'min_float64', 'mod_mixed_sign_float16',
      'mod_mixed_sign_float64', 'reduce_log_sum_exp_default_axes_keepdims_example_expanded',
      'reduce_log_sum_exp_default_axes_keepdims_random_expanded', 'reduce_log_sum_exp_do_not_keepdims_example_expanded',
      'reduce_log_sum_exp_do_not_keepdims_random_expanded', 'reduce_log_sum_exp_keepdims_example_expanded',
      'reduce_log_sum_exp_keepdims_random_expanded', 'reduce_log_sum_exp_negative_axes_keepdims_example_expanded',
      'reduce_log_sum_exp_negative_axes_keepdims_random_expanded',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'A normalisation: float32 sums of squares and square roots, whose last bits depend on the order of the sum',
    cases: [
      'group*', 'instancenorm*', 'l1normalization*', 'l2normalization*', 'layer_normalization_2d_axis0*',
      'layer_normalization_2d_axis1*', 'layer_normalization_2d_axis_negative_1', 'layer_normalization_2d_axis_negative_2',
      'layer_normalization_3d_axis0*', 'layer_normalization_3d_axis1*', 'layer_normalization_3d_axis2*',
      'layer_normalization_3d_axis_negative_1_epsilon', 'layer_normalization_3d_axis_negative_2_epsilon',
      'layer_normalization_3d_axis_negative_3_epsilon', 'layer_normalization_4d_axis0*', 'layer_normalization_4d_axis1*',
      'layer_normalization_4d_axis2*', 'layer_normalization_4d_axis3*', 'layer_normalization_4d_axis_negative_1',
      'layer_normalization_4d_axis_negative_2', 'layer_normalization_4d_axis_negative_3',
      'layer_normalization_4d_axis_negative_4', 'layer_normalization_default_axis', 'lpnormalization_default', 'lrn*', 'mvn*',
      'rms*',
    ],
  },
  {
    code: 'SHAPE_UNSUPPORTED',
    reason: 'Softmax and attention add up exponentials in float32, and the order of the sum decides the last bits',
    cases: [
      'attention_23_boolmask_fullymasked_row_nan_robustness_expanded',
      'attention_23_fullymasked_qk_matmul_output_mode3_zero_expanded',
      'attention_24_fullymasked_qk_matmul_output_mode3_zero_expanded',
      'attention_24_qk_matmul_output_mode3_softmax_precision_expanded', 'attention_3d_attn_mask_expanded',
      'attention_3d_causal_expanded', 'attention_3d_diff_heads_sizes_attn_mask_expanded',
      'attention_3d_diff_heads_sizes_causal_expanded', 'attention_3d_diff_heads_sizes_expanded',
      'attention_3d_diff_heads_sizes_scaled_expanded', 'attention_3d_diff_heads_sizes_softcap_expanded',
      'attention_3d_diff_heads_with_past_and_present_expanded', 'attention_3d_expanded',
      'attention_3d_gqa_attn_mask_expanded', 'attention_3d_gqa_causal_expanded', 'attention_3d_gqa_expanded',
      'attention_3d_gqa_scaled_expanded', 'attention_3d_gqa_softcap_expanded',
      'attention_3d_gqa_with_past_and_present_expanded', 'attention_3d_scaled_expanded', 'attention_3d_softcap_expanded',
      'attention_3d_transpose_verification_expanded', 'attention_3d_with_past_and_present_expanded',
      'attention_3d_with_past_and_present_qk_matmul_bias_expanded', 'attention_3d_with_past_and_present_qk_matmul_expanded',
      'attention_3d_with_past_and_present_qk_matmul_softcap_expanded',
      'attention_3d_with_past_and_present_qk_matmul_softmax_expanded', 'attention_4d_attn_mask_3d_causal_expanded',
      'attention_4d_attn_mask_3d_expanded', 'attention_4d_attn_mask_4d_causal_expanded', 'attention_4d_attn_mask_4d_expanded',
      'attention_4d_attn_mask_bool_4d_expanded', 'attention_4d_attn_mask_bool_expanded', 'attention_4d_attn_mask_expanded',
      'attention_4d_causal_expanded', 'attention_4d_causal_nonpad_attn_mask_composition_expanded',
      'attention_4d_causal_nonpad_batch_prefill_expanded', 'attention_4d_causal_nonpad_continued_prefill_expanded',
      'attention_4d_causal_nonpad_negative_offset_structural_empty_expanded',
      'attention_4d_causal_with_past_and_present_expanded', 'attention_4d_diff_heads_mask4d_padded_kv_expanded',
      'attention_4d_diff_heads_sizes_attn_mask_expanded', 'attention_4d_diff_heads_sizes_causal_expanded',
      'attention_4d_diff_heads_sizes_expanded', 'attention_4d_diff_heads_sizes_scaled_expanded',
      'attention_4d_diff_heads_sizes_softcap_expanded', 'attention_4d_diff_heads_with_past_and_present_expanded',
      'attention_4d_diff_heads_with_past_and_present_mask3d_expanded',
      'attention_4d_diff_heads_with_past_and_present_mask4d_expanded', 'attention_4d_expanded', 'attention_4d_fp16_expanded',
      'attention_4d_gqa_attn_mask_expanded', 'attention_4d_gqa_causal_expanded',
      'attention_4d_gqa_causal_nonpad_decode_expanded', 'attention_4d_gqa_causal_nonpad_decode_fp16_expanded',
      'attention_4d_gqa_expanded', 'attention_4d_gqa_scaled_expanded', 'attention_4d_gqa_softcap_expanded',
      'attention_4d_gqa_with_past_and_present_expanded', 'attention_4d_gqa_with_past_and_present_fp16_expanded',
      'attention_4d_scaled_expanded', 'attention_4d_softcap_expanded', 'attention_4d_softcap_neginf_mask_expanded',
      'attention_4d_softcap_neginf_mask_poison_expanded', 'attention_4d_with_past_and_present_expanded',
      'attention_4d_with_past_and_present_qk_matmul_bias_3d_mask_causal_expanded',
      'attention_4d_with_past_and_present_qk_matmul_bias_3d_mask_expanded',
      'attention_4d_with_past_and_present_qk_matmul_bias_4d_mask_causal_expanded',
      'attention_4d_with_past_and_present_qk_matmul_bias_4d_mask_expanded',
      'attention_4d_with_past_and_present_qk_matmul_bias_expanded', 'attention_4d_with_past_and_present_qk_matmul_expanded',
      'attention_4d_with_qk_matmul_bias_expanded', 'attention_4d_with_qk_matmul_expanded',
      'attention_4d_with_qk_matmul_softcap_expanded', 'attention_4d_with_qk_matmul_softmax_expanded',
      'attention_causal_boolmask_nan_robustness_expanded',
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
    reason: 'A float32 sum or product of many elements, whose last bits depend on its order',
    cases: [
      'lppool*', 'nllloss_NCd1_*', 'nllloss_NCd1d2_no_weight_reduction_mean_ii_expanded', 'nllloss_NCd1d2_reduction*',
      'nllloss_NCd1d2_with_weight_reduction*', 'nllloss_NCd1d2d3_sum_weight_high_ii_expanded',
      'nllloss_NCd1d2d3d4d5_mean_weight_expanded', 'reduce_l1_default*', 'reduce_l2_default*', 'reduce_log_sum_asc*',
      'reduce_log_sum_default*', 'reduce_log_sum_desc*', 'reduce_log_sum_negative*', 'reduce_prod_default*',
      'reduce_sum_default*', 'reduce_sum_square_default*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Tensors of 2 or 4 bits, or of float8 or float4, which onnxruntime-node cannot exchange',
    cases: [
      'cast_FLOAT_to_FLOAT4E2M1', 'cast_FLOAT_to_FLOAT8E4M3FN*', 'cast_FLOAT_to_FLOAT8E5M2*', 'cast_FLOAT_to_INT2',
      'cast_FLOAT_to_INT4', 'cast_FLOAT_to_UINT2', 'cast_FLOAT_to_UINT4', 'cast_e8m0_FLOAT_to_FLOAT8E8M0',
      'cast_no_saturate_FLOAT_*', 'castlike_FLOAT_to_FLOAT4E2M1*', 'castlike_FLOAT_to_FLOAT8E4M3FN*',
      'castlike_FLOAT_to_FLOAT8E5M2*', 'castlike_FLOAT_to_INT2*', 'castlike_FLOAT_to_INT4*', 'castlike_FLOAT_to_UINT2*',
      'castlike_FLOAT_to_UINT4*', 'castlike_no_saturate_FLOAT_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Resize by interpolation computes in float32; nearest is movement and proven',
    cases: [
      'resize_downsample_scales_cubic*', 'resize_downsample_scales_linear*', 'resize_downsample_sizes_cubic*',
      'resize_downsample_sizes_linear*', 'resize_tf*', 'resize_upsample_scales_cubic*', 'resize_upsample_scales_linear*',
      'resize_upsample_sizes_cubic',
    ],
  },
  {
    code: 'MODEL_OPSET_UNSUPPORTED',
    reason: 'Opset 27 or 28, which onnxruntime-node 1.30 does not load',
    cases: [
      'causal*', 'celu*', 'range*', 'swiglu*',
    ],
  },
  {
    code: 'SHAPE_UNSUPPORTED',
    reason: 'A tensor without elements, about which there is nothing to prove',
    cases: [
      'constantofshape_int_shape_zero', 'reduce_l1_empty*', 'reduce_l2_empty*', 'reduce_log_sum_empty*',
      'reduce_max_empty_set', 'reduce_min_empty_set', 'reduce_prod_empty_set', 'reduce_sum_empty_set*',
      'reduce_sum_square_empty*', 'reshape_allowzero_reordered', 'rotary_embedding_3d_input_expanded',
      'rotary_embedding_expanded', 'rotary_embedding_interleaved_expanded', 'rotary_embedding_no_position_ids_expanded',
      'rotary_embedding_no_position_ids_interleaved_expanded', 'slice_start_out_of_bounds', 'split_zero*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Tensors of float16, bfloat16 or float64, which zkonnx does not compute with',
    cases: [
      'cast_FLOAT_to_DOUBLE', 'cast_FLOAT_to_FLOAT16', 'castlike_FLOAT_to_DOUBLE*', 'castlike_FLOAT_to_FLOAT16*', 'einsum*',
      'reduce_log_sum_exp_default_axes_keepdims_example', 'reduce_log_sum_exp_default_axes_keepdims_random',
      'reduce_log_sum_exp_do_not_keepdims_example', 'reduce_log_sum_exp_do_not_keepdims_random',
      'reduce_log_sum_exp_keepdims_example', 'reduce_log_sum_exp_keepdims_random',
      'reduce_log_sum_exp_negative_axes_keepdims_example', 'reduce_log_sum_exp_negative_axes_keepdims_random',
    ],
  },
  {
    code: 'SHAPE_UNSUPPORTED',
    reason: 'A normalisation: float32 sums of squares and square roots, whose last bits depend on the order of the sum',
    cases: [
      'layer_normalization_2d_axis_negative_1_*', 'layer_normalization_2d_axis_negative_2_*',
      'layer_normalization_3d_axis_negative_1_epsilon_*', 'layer_normalization_3d_axis_negative_2_epsilon_*',
      'layer_normalization_3d_axis_negative_3_epsilon_*', 'layer_normalization_4d_axis_negative_1_*',
      'layer_normalization_4d_axis_negative_2_*', 'layer_normalization_4d_axis_negative_3_*',
      'layer_normalization_4d_axis_negative_4_*', 'layer_normalization_default_axis_*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'The result does not depend on the data, so there is nothing to prove',
    cases: [
      'constant', 'constantofshape_float_ones', 'constantofshape_int_zeros', 'eyelike*', 'shape*', 'size*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Recurrent operators keep float32 state between steps; unroll and quantize each step',
    cases: [
      'gru*', 'lstm*', 'rnn_seq_length', 'simple*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Not lowered yet: RotaryEmbedding',
    cases: [
      'rotary_embedding', 'rotary_embedding_3d_input', 'rotary_embedding_interleaved', 'rotary_embedding_no_position_ids',
      'rotary_embedding_no_position_ids_interleaved', 'rotary_embedding_no_position_ids_rotary*', 'rotary_embedding_with*',
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
    reason: 'The shape of the result depends on the data, and the shapes of a circuit are fixed',
    cases: [
      'nonzero_example', 'unique*',
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
      'training*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'ONNX Runtime has no quantized average over dilated windows',
    cases: [
      'averagepool_2d_dilations', 'averagepool_3d*',
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
    code: 'SHAPE_UNSUPPORTED',
    reason: 'A window function of a size that is an input: the shape of the result depends on the data',
    cases: [
      'blackmanwindow*', 'hammingwindow*', 'hannwindow*',
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
    code: 'MODEL_OPSET_UNSUPPORTED',
    reason: 'An operator of opset 9 or 10, in a form that opset 11 no longer has',
    cases: [
      'scatter_with*', 'shrink_hard_expanded_ver18', 'shrink_soft_expanded_ver18',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'A scatter that adds or multiplies twice in one place rounds in between; each place once is proven',
    cases: [
      'scatter_elements_with_duplicate_indices', 'scatter_elements_with_reduction_mul', 'scatternd_add', 'scatternd_multiply',
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
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Not lowered yet: TensorScatter',
    cases: [
      'tensorscatter*',
    ],
  },
  {
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'Quantization by blocks',
    cases: [
      'dequantizelinear_blocked', 'quantizelinear_blocked*',
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
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'A float32 sum of three or more tensors, which is rounded after each of them',
    cases: [
      'mean_example', 'sum_example',
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
    code: 'OPERATOR_UNSUPPORTED',
    reason: 'BatchNormalization in training mode computes float32 means of the batch',
    cases: [
      'batchnorm_epsilon_training_mode', 'batchnorm_example_training_mode',
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
    code: 'SHAPE_UNSUPPORTED',
    reason: 'Tensors of float16, bfloat16 or float64, which zkonnx does not compute with',
    cases: [
      'reduce_log_sum_exp_empty*',
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
    code: 'TYPE_UNSUPPORTED',
    reason: 'Softmax and attention add up exponentials in float32, and the order of the sum decides the last bits',
    cases: [
      'flexattention_double_expanded_ver26', 'flexattention_fp16_expanded_ver26',
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
    reason: 'Picks elements at places that are data, and multiplies or compares them in float32',
    cases: [
      'nllloss_NCd1d2d3_none_no_weight_negative_ii_expanded',
    ],
  },
];
