// Batches of queries on Hopper.
#include "hopper.cuh"

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
WARPGROUPS(warpgroups_int8_64, int, 64)
WARPGROUPS(warpgroups_int8_128, int, 128)
WARPGROUPS(warpgroups_int8_256, int, 256)
#endif
