"""Fits Velocast's forecasting models, proves that their ONNX graphs are faithful, and registers them."""
