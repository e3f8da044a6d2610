package io.retort.model;

import io.retort.tensor.ElementType;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.util.List;

/**
 * GPT-2's {@code c_attn}, whose columns are queries, keys and values: split on the way in and put together on the way
 * out, because a slice inside the graph would be a copy at each run, and a scatter in its gradient.
 */
final class FusedProjection {
    static final String FUSED = "attn.c_attn";
    static final String QUERY = "attn.query";
    static final String KEY = "attn.key";
    static final String VALUE = "attn.value";
    private static final List<String> PARTS = List.of(QUERY, KEY, VALUE);

    private FusedProjection() {}

    /** The part that a parameter is, 0 to 2; -1 if it is none. */
    static int part(String name) {
        for (int i = 0; i < PARTS.size(); i++) if (name.contains("." + PARTS.get(i) + ".")) return i;
        return -1;
    }

    /** The fused parameter that a part belongs to. */
    static String fused(String name, int part) {
        return name.replace(PARTS.get(part), FUSED);
    }

    /** The fused parameter's shape. */
    static Shape fusedShape(Shape part) {
        return part.rank() == 1 ? Shape.of(3 * part.dim(0)) : Shape.of(part.dim(0), 3 * part.dim(1));
    }

    /** Columns of one part out of the fused {@code [rows, 3 * columns]}, or {@code [3 * columns]}. */
    static Tensor split(Tensor fused, int part, Shape shape) {
        float[] from = fused.toFloats();
        int columns = shape.dim(-1);
        float[] to = new float[Math.toIntExact(shape.size())];
        for (int row = 0; row * columns < to.length; row++) {
            System.arraycopy(from, (3 * row + part) * columns, to, row * columns, columns);
        }
        return Tensor.of(to, shape.toArray());
    }

    /** Puts a part's columns into the fused parameter, which is {@code null} before the first. */
    static Tensor merge(Tensor fused, Tensor value, int part) {
        Shape shape = fusedShape(value.shape());
        float[] to = fused == null ? new float[Math.toIntExact(shape.size())] : fused.toFloats();
        float[] from = value.toFloats();
        int columns = value.shape().dim(-1);
        for (int row = 0; row * columns < from.length; row++) {
            System.arraycopy(from, row * columns, to, (3 * row + part) * columns, columns);
        }
        return new Tensor(ElementType.F32, shape, java.lang.foreign.MemorySegment.ofArray(to));
    }
}
