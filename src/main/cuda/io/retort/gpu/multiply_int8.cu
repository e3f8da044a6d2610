// Batches of queries on tensor cores, from Ampere on.
#include "mma.cuh"

MULTIPLY(multiply_int8_64, int, 64)
MULTIPLY(multiply_int8_128, int, 128)
MULTIPLY(multiply_int8_256, int, 256)
