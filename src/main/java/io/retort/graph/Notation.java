package io.retort.graph;

import io.retort.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The values of a {@link Graph} in the order in which they were written, each with what to tell SameDiff of it. SameDiff
 * is told when somebody asks for it, and never where nobody does: starting ND4J takes longer than answering. One thread.
 */
final class Notation {
    private final List<Noted> notes = new ArrayList<>();
    private SameDiff sameDiff; // null until somebody asks for it
    private int written; // notes that sameDiff has

    /** Writes one operation, or declares one value, in SameDiff. */
    @FunctionalInterface
    interface Writer {
        void write(Words words);
    }

    /**
     * What a writer writes with. It stands between because a lambda that named SameDiff's own classes would have the JVM
     * load them, long before {@link SameDiffOutput} can.
     */
    static final class Words {
        final SameDiff sd;
        final SDVariable[] in;
        private SDVariable out;

        private Words(SameDiff sd, SDVariable[] in) {
            this.sd = sd;
            this.in = in;
        }

        void gives(SDVariable out) {
            this.out = out;
        }
    }

    /**
     * One value of the graph.
     *
     * @param call  what computes it, without the names of its inputs and its own, which may change; null for a leaf
     * @param leaf  what it is if nothing computes it, else null
     * @param value of a constant: a {@link Tensor}, or {@code long[]} for whole numbers of a shape
     */
    private record Noted(Node node, Recording.Call call, List<Node> inputs, Recording.Leaf leaf, Object value,
            Writer writer) {
    }

    /**
     * Begins a notation.
     *
     * @param sameDiff a graph that goes on here; null for a new one
     */
    Notation(SameDiff sameDiff) {
        this.sameDiff = sameDiff;
    }

    /** Returns a name that no other value of this notation has. */
    String fresh(String kind) {
        return kind + "#" + notes.size();
    }

    /** Notes an operation on some values. */
    Node call(Recording.Call call, Writer writer, Node... inputs) {
        return note(new Noted(new Node(this, fresh(call.operation())), call, List.of(inputs), null, null, writer));
    }

    /** Notes a value that no operation computes. */
    Node leaf(String name, Recording.Leaf leaf, Object value, Writer writer) {
        return note(new Noted(new Node(this, name), null, List.of(), leaf, value, writer));
    }

    private Node note(Noted note) {
        notes.add(note);
        if (isInSameDiff()) sameDiff();
        return note.node;
    }

    /** Returns whether SameDiff has been told, so that it may know more than these notes. */
    boolean isInSameDiff() {
        return sameDiff != null;
    }

    /** Tells SameDiff all that it does not know yet, and returns it. */
    SameDiff sameDiff() {
        if (sameDiff == null) sameDiff = Silent.sameDiff();
        for (; written < notes.size(); written++) {
            Noted note = notes.get(written);
            String name = note.node.name();
            SDVariable[] in = new SDVariable[note.inputs.size()];
            for (int i = 0; i < in.length; i++) in[i] = note.inputs.get(i).variable;
            Words words = new Words(sameDiff, in);
            note.writer.write(words);
            if (!words.out.name().equals(name)) words.out.rename(name);
            note.node.variable = words.out;
        }
        return sameDiff;
    }

    /** Makes SameDiff graphs without the lines that it would print. */
    private static final class Silent {
        static {
            SameDiffOutput.silence();
        }

        static SameDiff sameDiff() {
            return SameDiff.create();
        }
    }

    /** Returns what the notes say. */
    Recording recording() {
        Recording recording = new Recording(new ArrayList<>(), new LinkedHashMap<>(), new LinkedHashMap<>(),
                new LinkedHashMap<>());
        for (Noted note : notes) {
            String name = note.node.name();
            if (note.leaf != null) recording.leaves().put(name, note.leaf);
            if (note.value instanceof Tensor tensor) recording.constants().put(name, tensor);
            if (note.value instanceof long[] shape) recording.integers().put(name, shape);
            if (note.call == null) continue;
            List<String> inputs = note.inputs.stream().map(Node::name).toList();
            recording.calls().add(note.call.between(inputs, List.of(name)));
        }
        return recording;
    }
}
