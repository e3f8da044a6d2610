package io.retort.gpu;

/** Memory of the card. Its contents are unknown at first. Free it when no work that is under way uses it any more. */
public final class DeviceMemory extends GpuResource {
    private final long address;
    private final long bytes;

    DeviceMemory(Gpu gpu, long address, long bytes) {
        super(gpu);
        this.address = address;
        this.bytes = bytes;
    }

    /** How large it is. */
    public long bytes() {
        return bytes;
    }

    /**
     * For kernels; a multiple of 256.
     *
     * @throws IllegalStateException after it was closed
     */
    public long address() {
        return address(0);
    }

    /**
     * Of the byte at this offset, or of the end.
     *
     * @throws IllegalStateException after it was closed
     */
    public long address(long offset) {
        checkOpen();
        if (offset < 0 || offset > bytes) throw new IllegalArgumentException("offset: " + offset + " in " + this);
        return address + offset;
    }

    /** Called under the card's lock, for so many bytes from the offset on. */
    long checked(Gpu card, long offset, long count) {
        checkOpenOn(card);
        if (offset < 0 || count < 0 || offset > bytes - count) {
            throw new IllegalArgumentException("offset: " + count + " bytes from " + offset + " on in " + this);
        }
        return address + offset;
    }

    @Override
    void free(Driver driver) {
        driver.free(address);
    }

    @Override
    public String toString() {
        return bytes + " bytes of " + gpu();
    }
}
