package io.retort.lm;

import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Which layers of a model see only the newest tokens.
 *
 * @param size   how many tokens these layers see, a row's own among them; 0 if no layer has a window
 * @param layers their numbers, from 0
 */
record SlidingWindow(int size, List<Integer> layers) {
    static final SlidingWindow NONE = new SlidingWindow(0, List.of());
    private static final String KIND = "sliding_attention";

    SlidingWindow {
        DecoderConfig.require(size >= 0, "a window of " + size + " tokens is none");
        layers = size == 0 ? List.of() : List.copyOf(layers);
    }

    /** The window of those of a model's layers that a rule chooses. */
    static SlidingWindow of(int size, int layers, IntPredicate windowed) {
        return new SlidingWindow(size, IntStream.range(0, layers).filter(windowed).boxed().toList());
    }

    /**
     * Reads which layers have a window out of {@code layer_types}, where the file has it.
     *
     * @param windowed which layers have one where it has not
     */
    static SlidingWindow read(DecoderConfigJson file, int size, int layers, IntPredicate windowed) {
        List<String> kinds = file.strings("layer_types");
        if (kinds.isEmpty()) return of(size, layers, windowed);
        DecoderConfig.require(kinds.size() == layers, "layer_types has " + kinds.size() + " kinds, the model "
                + layers + " layers");
        for (String kind : kinds) {
            if (!kind.equals(KIND) && !kind.equals(DecoderConfigJson.FULL_ATTENTION)) {
                throw file.unsupported("layer_types", kind);
            }
        }
        boolean any = kinds.contains(KIND);
        DecoderConfig.require(!any || size > 0, "layer_types names layers with a window, whose size is not given");
        return of(any ? size : 0, layers, layer -> kinds.get(layer).equals(KIND));
    }

    /**
     * Reads a window that all layers have, or none; refuses kinds of layers that say otherwise, which transformers does
     * not look at in such a family.
     */
    static SlidingWindow uniform(DecoderConfigJson file, int size, int layers) {
        String kind = size > 0 ? KIND : DecoderConfigJson.FULL_ATTENTION;
        for (String other : file.strings("layer_types")) {
            if (!other.equals(kind)) throw file.unsupported("layer_types", other + " beside sliding_window " + size);
        }
        return of(size, layers, layer -> true);
    }

    /** Adds the fields that {@link #read} reads. */
    void describe(Map<String, Object> json, int count) {
        json.put("sliding_window", size == 0 ? null : size);
        json.put("layer_types", IntStream.range(0, count)
                .mapToObj(layer -> of(layer) > 0 ? KIND : DecoderConfigJson.FULL_ATTENTION).toList());
    }

    /** Returns how many tokens a layer sees; 0 for all. */
    int of(int layer) {
        return layers.contains(layer) ? size : 0;
    }
}
