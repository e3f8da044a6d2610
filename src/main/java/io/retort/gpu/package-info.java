/**
 * NVIDIA's cards through their driver alone ({@code libcuda}), called by the JDK's foreign functions: there is nothing to
 * install beside the driver, and nothing is loaded before a card is asked for.
 *
 * <p>Entry type: {@link io.retort.gpu.Gpu}, a card, opened. Of it come {@link io.retort.gpu.DeviceMemory}, {@link
 * io.retort.gpu.PinnedMemory}, {@link io.retort.gpu.GpuStream}, {@link io.retort.gpu.GpuEvent} and {@link
 * io.retort.gpu.GpuModule}, all freed with it at the latest. {@link io.retort.gpu.Gpu#obstacle()} says why there is no
 * card here.
 *
 * <p>May import {@code files} and {@code simd}. Any thread may call; {@link io.retort.gpu.KernelArguments} belong to
 * one at a time.
 */
package io.retort.gpu;
