// Batches of queries on Hopper.
#include "hopper.cuh"

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
WARPGROUPS(warpgroups_float16_64, float, 64)
WARPGROUPS(warpgroups_float16_128, float, 128)
WARPGROUPS(warpgroups_float16_256, float, 256)
#endif
