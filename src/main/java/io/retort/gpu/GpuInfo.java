package io.retort.gpu;

/**
 * What a card is.
 *
 * @param name                    as the driver calls it
 * @param ordinal                 its number, from 0
 * @param pciId                   where it is plugged in, {@code domain:bus:device.function}
 * @param driver                  the CUDA version up to which its driver goes, such as 13.0
 * @param major                   of the compute capability
 * @param minor                   of the compute capability
 * @param memoryBytes             of the card in all
 * @param multiprocessors         which run blocks of threads
 * @param l2Bytes                 of the cache that they share
 * @param sharedBytesPerBlock     that a kernel can get if it asks ({@link GpuFunction#allowSharedBytes})
 * @param memoryKilohertz         the clock of the memory; 0 where the driver does not tell
 * @param memoryBusBits           how many bits come at once; 0 where the driver does not tell
 */
public record GpuInfo(String name, int ordinal, String pciId, String driver, int major, int minor, long memoryBytes,
        int multiprocessors, long l2Bytes, int sharedBytesPerBlock, int memoryKilohertz, int memoryBusBits) {
    private static final int MULTIPROCESSORS = 16; // CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT
    private static final int MEMORY_CLOCK = 36;
    private static final int MEMORY_BUS_WIDTH = 37;
    private static final int L2_BYTES = 38;
    private static final int MAJOR = 75;
    private static final int MINOR = 76;
    private static final int SHARED_BYTES_OPT_IN = 97;

    static GpuInfo of(Driver driver, int device, int ordinal) {
        int version = driver.version();
        return new GpuInfo(driver.deviceName(device), ordinal, driver.pciBusId(device),
                version / 1000 + "." + version % 1000 / 10, driver.attribute(MAJOR, device),
                driver.attribute(MINOR, device), driver.totalMemory(device), driver.attribute(MULTIPROCESSORS, device),
                driver.attribute(L2_BYTES, device), driver.attribute(SHARED_BYTES_OPT_IN, device),
                driver.attribute(MEMORY_CLOCK, device), driver.attribute(MEMORY_BUS_WIDTH, device));
    }

    /** Such as 9.0. */
    public String computeCapability() {
        return major + "." + minor;
    }

    /** Whether code for this compute capability and newer ones runs here. */
    public boolean hasComputeCapability(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || major == wantedMajor && minor >= wantedMinor;
    }

    /** What the memory gives by its clock and width, two bits a line and clock; 0 where they are not known. */
    public double nominalBytesPerSecond() {
        return 2.0 * memoryKilohertz * 1000 * memoryBusBits / 8;
    }
}
