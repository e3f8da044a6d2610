package io.retort.simd;

import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Constants of the folds that {@link Dots} describes. */
final class Butterfly {
    private Butterfly() {
    }

    /** The mask of lanes whose number has bit {@code h}. */
    static VectorMask<Float> lanesWith(VectorSpecies<Float> species, int h) {
        boolean[] lanes = new boolean[species.length()];
        for (int l = 0; l < lanes.length; l++) lanes[l] = (l & h) != 0;
        return VectorMask.fromArray(species, lanes, 0);
    }

    /** The shuffle that exchanges lanes l and l ^ h. */
    static VectorShuffle<Float> swap(VectorSpecies<Float> species, int h) {
        return VectorShuffle.fromOp(species, l -> l ^ h);
    }
}
