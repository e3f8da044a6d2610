package io.retort.tensor;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The architectures whose modules' names are known: llama.cpp's names of their parts and those of transformers. */
enum GgufArchitecture {
    LLAMA("model.layers.",
            Map.of("token_embd", "model.embed_tokens", "output_norm", "model.norm", "output", "lm_head"),
            Map.of("attn_norm", "input_layernorm", "attn_q", "self_attn.q_proj", "attn_k", "self_attn.k_proj", "attn_v",
                    "self_attn.v_proj", "attn_output", "self_attn.o_proj", "ffn_norm", "post_attention_layernorm",
                    "ffn_gate", "mlp.gate_proj", "ffn_up", "mlp.up_proj", "ffn_down", "mlp.down_proj"),
            Set.of()),
    GPT2("transformer.h.",
            Map.of("token_embd", "transformer.wte", "position_embd", "transformer.wpe", "output_norm",
                    "transformer.ln_f", "output", "lm_head"),
            Map.of("attn_norm", "ln_1", "attn_qkv", "attn.c_attn", "attn_output", "attn.c_proj", "ffn_norm", "ln_2",
                    "ffn_up", "mlp.c_fc", "ffn_down", "mlp.c_proj"),
            Set.of("attn_qkv", "attn_output", "ffn_up", "ffn_down"));

    /** Names of all, for messages. */
    static final String SUPPORTED = Arrays.stream(values()).map(GgufArchitecture::key)
            .collect(Collectors.joining(" and "));

    private static final Pattern BLOCK = Pattern.compile("blk\\.(0|[1-9]\\d{0,5})\\.(\\w+)\\.(weight|bias)");
    private static final Pattern ROOT = Pattern.compile("(\\w+)\\.(weight|bias)");

    private final String layers;
    private final Map<String, String> roots;
    private final Map<String, String> parts;
    private final Set<String> transposed;

    GgufArchitecture(String layers, Map<String, String> roots, Map<String, String> parts, Set<String> transposed) {
        this.layers = layers;
        this.roots = roots;
        this.parts = parts;
        this.transposed = transposed;
    }

    /** As {@code general.architecture} says it. */
    private String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<GgufArchitecture> of(String key) {
        return Arrays.stream(values()).filter(architecture -> architecture.key().equals(key)).findFirst();
    }

    /** What the module calls the tensor; empty if it has none of the kind. */
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

    /** Whether the module keeps it as Conv1D, {@code [in, out]}, the file as {@code [out, in]}. */
    boolean isTransposed(TensorInfo tensor) {
        return tensor.shape().rank() == 2 && transposed.contains(part(tensor.name()));
    }

    /**
     * The key, after the architecture's own, that says how many heads the tensor's rows make; empty for tensors whose
     * rows llama.cpp's converter leaves in order.
     */
    Optional<String> interleavedHeads(TensorInfo tensor) {
        if (this != LLAMA) return Optional.empty();
        return switch (part(tensor.name())) {
            case "attn_q" -> Optional.of("attention.head_count");
            case "attn_k" -> Optional.of("attention.head_count_kv");
            default -> Optional.empty();
        };
    }

    /** {@code attn_q} of {@code blk.0.attn_q.weight}; empty for tensors outside layers. */
    private static String part(String tensor) {
        Matcher block = BLOCK.matcher(tensor);
        return block.matches() ? block.group(2) : "";
    }
}
