package io.retort.tensor;

import java.util.List;

/**
 * The prefixes that training tools put before the names of a model's parameters and leave there when they save it:
 * compilers, parallel training, adapters, trainers.
 */
public final class WrapperPrefixes {
    private static final List<String> KNOWN = List.of("_orig_mod.", "module.", "model.", "base_model.model.",
            "base_model.", "_fsdp_wrapped_module.", "_forward_module.");

    private WrapperPrefixes() {}

    /** Takes the outermost wrapper's prefix off a parameter's name; returns the name itself if there is none. */
    public static String strip(String name) {
        for (String prefix : KNOWN) if (name.startsWith(prefix)) return name.substring(prefix.length());
        return name;
    }
}
