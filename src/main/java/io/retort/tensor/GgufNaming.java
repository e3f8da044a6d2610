package io.retort.tensor;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How llama.cpp names and stores the tensors of one architecture, and what the module of transformers calls them. A name
 * is given without its ending {@code .weight} or {@code .bias}; of a tensor of layer N, {@code blk.N.attn_q}, the part
 * {@code attn_q} alone.
 *
 * @param architecture as {@code general.architecture} says it
 * @param layers       what stands before a layer's number in the module's names
 * @param roots        tensors outside of layers, by llama.cpp's names
 * @param parts        tensors of a layer, by llama.cpp's names
 * @param transposed   parts that the module keeps as Conv1D, {@code [in, out]}, and the file as {@code [out, in]}
 * @param interleaved  parts whose rows llama.cpp's converter interleaves head by head, and the key, after the
 *                     architecture's own, that says how many heads they make
 */
public record GgufNaming(String architecture, String layers, Map<String, String> roots, Map<String, String> parts,
        Set<String> transposed, Map<String, String> interleaved) {
    private static final Pattern BLOCK = Pattern.compile("blk\\.(0|[1-9]\\d{0,5})\\.(\\w+)\\.(weight|bias)");
    private static final Pattern ROOT = Pattern.compile("(\\w+)\\.(weight|bias)");

    public GgufNaming {
        roots = Map.copyOf(roots);
        parts = Map.copyOf(parts);
        transposed = Set.copyOf(transposed);
        interleaved = Map.copyOf(interleaved);
    }

    /** Returns the naming of an architecture, if it is among these. */
    static Optional<GgufNaming> of(String architecture, List<GgufNaming> among) {
        return among.stream().filter(naming -> naming.architecture.equals(architecture)).findFirst();
    }

    /** Returns the architectures of these namings, for messages. */
    static String supported(List<GgufNaming> among) {
        return among.stream().map(GgufNaming::architecture).collect(Collectors.joining(" and "));
    }

    /** Returns the module's name of a tensor; empty if the module has no such tensor. */
    Optional<String> parameterOf(String tensor) {
        Matcher block = BLOCK.matcher(tensor);
        if (block.matches()) {
            return Optional.ofNullable(parts.get(block.group(2)))
                    .map(part -> layers + block.group(1) + "." + part + "." + block.group(3));
        }
        Matcher root = ROOT.matcher(tensor);
        if (!root.matches()) return Optional.empty();
        return Optional.ofNullable(roots.get(root.group(1))).map(name -> name + "." + root.group(2));
    }

    boolean isTransposed(TensorInfo tensor) {
        return tensor.shape().rank() == 2 && transposed.contains(part(tensor.name()));
    }

    /**
     * Returns the key that says how many heads the tensor's rows make, if its rows are interleaved; empty for rows that
     * are in order.
     */
    Optional<String> interleavedHeads(TensorInfo tensor) {
        return Optional.ofNullable(interleaved.get(part(tensor.name())));
    }

    /**
     * Returns the part of a layer that a name means, {@code attn_q} for {@code blk.0.attn_q.weight}; empty for tensors
     * outside layers.
     */
    private static String part(String tensor) {
        Matcher block = BLOCK.matcher(tensor);
        return block.matches() ? block.group(2) : "";
    }
}
