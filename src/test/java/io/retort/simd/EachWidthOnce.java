package io.retort.simd;

import jdk.incubator.vector.FloatVector;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.launcher.PostDiscoveryFilter;

/**
 * Leaves out a run of the kernels' tests at a forced width that the CPU has by itself, or does not have at all: the
 * ordinary run has been there, and wider vectors than the CPU's would be emulated.
 */
public final class EachWidthOnce implements PostDiscoveryFilter {
    private static final Integer FORCED = Integer.getInteger(Lanes.PROPERTY);

    @Override
    public FilterResult apply(TestDescriptor test) {
        if (FORCED == null || FORCED < FloatVector.SPECIES_PREFERRED.vectorBitSize()) {
            return FilterResult.included("a width that no other run has");
        }
        return FilterResult.excluded("vectors of " + FORCED + " bits are what the ordinary run tests on this CPU");
    }
}
