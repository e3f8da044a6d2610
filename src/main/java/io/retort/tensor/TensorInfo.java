package io.retort.tensor;

import io.retort.files.BadInput;
import it.unimi.dsi.fastutil.longs.LongList;
import java.nio.file.Path;
import java.util.SequencedMap;

/** What a file's table of contents says of one tensor: its name, element type and shape. */
public record TensorInfo(String name, ElementType type, Shape shape) {
    /**
     * The highest rank that is accepted. No format's tensors have more dimensions, so more in a file are a sign of
     * damage.
     */
    static final int HIGHEST_RANK = 64;

    /**
     * Makes a shape of dimensions that a file gives.
     *
     * @throws IllegalArgumentException if a dimension is negative
     * @throws ArithmeticException if a dimension exceeds an int, or the number of elements a long
     */
    static Shape shapeOf(LongList dims) {
        return Shape.of(dims.longStream().mapToInt(Math::toIntExact).toArray());
    }

    /** Makes the refusal, for the caller to throw, of a name that {@code tensors} does not have. */
    static BadInput missing(String name, SequencedMap<String, TensorInfo> tensors, Path path) {
        String remedy = tensors.isEmpty()
                ? "it has no tensors at all"
                : "it has " + tensors.size() + ", the first is " + Quoted.name(tensors.firstEntry().getKey());
        return BadInput.in(path, "no tensor " + Quoted.name(name), remedy);
    }

    @Override
    public String toString() {
        return name + " " + type + shape;
    }
}
