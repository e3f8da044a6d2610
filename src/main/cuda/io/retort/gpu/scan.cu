// The kernels of the top-k search, in one module.
#include "finish.cuh"
#include "hopper.cuh"
#include "mma.cuh"
#include "prepare.cuh"
