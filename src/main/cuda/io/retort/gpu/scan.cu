// What every search needs, and scans for few queries.
#include "finish.cuh"
#include "prepare.cuh"
