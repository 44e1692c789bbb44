"""ONNX Runtime's own static quantizer, per channel, in both formats and with both activation types."""

import logging
import tempfile
from pathlib import Path

import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from export import INPUT

FORMATS = {"qoperator": QuantFormat.QOperator, "qdq": QuantFormat.QDQ}
# The name of a file says the type of the activations; the weights are int8 everywhere.
ACTIVATIONS = {"int8": QuantType.QInt8, "uint8": QuantType.QUInt8}
BATCH = 100

# The quantizer logs advice on speed and pre-processing on the root logger.
logging.getLogger().setLevel(logging.ERROR)


class Calibration(CalibrationDataReader):
    """The training images, in batches, in order."""

    def __init__(self, inputs):
        self.batches = (inputs[i : i + BATCH] for i in range(0, len(inputs), BATCH))

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {INPUT: batch}


def quantize(float_path, path, *, activation, form, train_inputs):
    """Writes what the quantizer makes of `float_path`, untouched, to `path`.

    Its own pre-processing runs first where it has something to do: it folds batch norm into convolutions.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = float_path
        if any(node.op_type == "BatchNormalization" for node in onnx.load(float_path).graph.node):
            source = Path(folder) / float_path.name
            quant_pre_process(str(float_path), str(source), skip_symbolic_shape=True)
        quantize_static(
            str(source),
            str(path),
            Calibration(train_inputs),
            quant_format=FORMATS[form],
            activation_type=ACTIVATIONS[activation],
            weight_type=QuantType.QInt8,
            per_channel=True,
            calibrate_method=CalibrationMethod.MinMax,
        )
