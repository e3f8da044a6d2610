package io.retort.lm;

import io.retort.tensor.ElementType;
import io.retort.tensor.ParameterValue;
import io.retort.tensor.Shape;
import io.retort.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Projections that checkpoints keep as one, such as GPT-2's {@code c_attn} for queries, keys and values: cut into its
 * parts on the way in and put together on the way out, because a slice inside the graph would be a copy at each run, and
 * a scatter in its gradient.
 *
 * @param whole   what the checkpoint calls it within a layer
 * @param parts   what our graphs call its parts, in their order in the whole
 * @param columns whether parts lie side by side, as in weights of {@code [in, out]}; else one below the other
 */
public record FusedProjection(String whole, List<String> parts, boolean columns) {
    public FusedProjection {
        parts = List.copyOf(parts);
    }

    /** Returns the index of the part that a parameter is, or -1 if it is none. */
    int part(String parameter) {
        for (int i = 0; i < parts.size(); i++) if (parameter.contains("." + parts.get(i) + ".")) return i;
        return -1;
    }

    /** Returns the name of the fused parameter that this part belongs to. */
    String whole(String parameter) {
        return parameter.replace(parts.get(part(parameter)), whole);
    }

    /** Returns the names of all parts of the fused parameter that this part belongs to, in their order. */
    List<String> siblings(String parameter) {
        return parts.stream().map(part -> parameter.replace(parts.get(part(parameter)), part)).toList();
    }

    /** Returns the shape of the fused parameter, given those of its parts. */
    Shape shape(List<Shape> ofParts) {
        int[] dims = ofParts.getFirst().toArray();
        int axis = axis(dims.length);
        for (Shape part : ofParts.subList(1, ofParts.size())) dims[axis] = Math.addExact(dims[axis], part.dim(axis));
        return Shape.of(dims);
    }

    private int axis(int rank) {
        return columns ? rank - 1 : 0;
    }

    /** Cuts one part out of the fused parameter, in the same form: rows of it as they are, what else as a copy. */
    ParameterValue split(ParameterValue fused, int part, List<Shape> ofParts) {
        if (!columns && fused.shape().rank() == 2) {
            int from = ofParts.subList(0, part).stream().mapToInt(shape -> shape.dim(0)).sum();
            return fused.rows(from, from + ofParts.get(part).dim(0));
        }
        Tensor whole = fused.plain().type().bytes() == Short.BYTES ? fused.plain() : fused.plain().to(ElementType.F32);
        int bytes = whole.type().bytes(), size = Math.toIntExact(ofParts.get(part).size());
        MemorySegment to = bytes == Short.BYTES
                ? MemorySegment.ofArray(new short[size])
                : MemorySegment.ofArray(new float[size]);
        copy(ofParts, part, (atWhole, atPart, count) -> MemorySegment.copy(whole.data(), (long) bytes * atWhole, to,
                (long) bytes * atPart, (long) bytes * count));
        return new Tensor(whole.type(), ofParts.get(part), to);
    }

    /** Returns the shape of the fused parameter of which {@code parameter} is a part. */
    Shape shape(String parameter, Map<String, ? extends ParameterValue> all) {
        return shape(siblings(parameter).stream().map(name -> all.get(name).shape()).toList());
    }

    /** Puts together the fused parameter of which {@code parameter} is a part. */
    Tensor join(String parameter, Map<String, ? extends ParameterValue> all) {
        List<Tensor> values = siblings(parameter).stream().map(name -> all.get(name).plain()).toList();
        List<Shape> shapes = new ArrayList<>(values.stream().map(Tensor::shape).toList());
        Shape shape = shape(shapes);
        float[] to = new float[Math.toIntExact(shape.size())];
        for (int part = 0; part < values.size(); part++) {
            float[] from = values.get(part).toFloats();
            copy(shapes, part, (atWhole, atPart, count) -> System.arraycopy(from, atPart, to, atWhole, count));
        }
        return new Tensor(ElementType.F32, shape, MemorySegment.ofArray(to));
    }

    /** Visits the runs of consecutive elements that the whole and one part have in common. */
    private void copy(List<Shape> shapes, int part, Run run) {
        Shape own = shapes.get(part);
        int axis = axis(own.rank());
        int inner = 1; // elements of one step along the axis
        for (int i = axis + 1; i < own.rank(); i++) inner *= own.dim(i);
        int before = 0, all = 0;
        for (int i = 0; i < shapes.size(); i++) {
            if (i < part) before += shapes.get(i).dim(axis);
            all += shapes.get(i).dim(axis);
        }
        int count = own.dim(axis) * inner, size = Math.toIntExact(own.size());
        for (int at = 0, outer = 0; at < size; at += count, outer++) {
            run.copy((outer * all + before) * inner, at, count);
        }
    }

    /** Copies a run of elements between a place in the whole and one in the part. */
    private interface Run {
        void copy(int atWhole, int atPart, int count);
    }
}
