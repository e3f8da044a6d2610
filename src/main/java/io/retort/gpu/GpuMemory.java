package io.retort.gpu;

import java.util.ArrayDeque;
import java.util.Deque;

/** What was taken of a card for one purpose, and is freed together. */
final class GpuMemory implements AutoCloseable {
    private final Deque<AutoCloseable> taken = new ArrayDeque<>();

    /** Frees this, too, when all is. */
    <T extends GpuResource> T add(T resource) {
        taken.push(resource);
        return resource;
    }

    /** The same for arguments of kernels. */
    KernelArguments add(KernelArguments arguments) {
        taken.push(arguments);
        return arguments;
    }

    @Override
    public void close() {
        while (!taken.isEmpty()) {
            switch (taken.pop()) {
                case GpuResource resource -> resource.close();
                case KernelArguments arguments -> arguments.close();
                default -> throw new AssertionError();
            }
        }
    }
}
