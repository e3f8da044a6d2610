// Batches of queries on tensor cores, from Ampere on.
#include "mma.cuh"

MULTIPLY(multiply_float16_64, float, 64)
MULTIPLY(multiply_float16_128, float, 128)
MULTIPLY(multiply_float16_256, float, 256)
