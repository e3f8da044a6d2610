package io.retort.lm;

import io.retort.tensor.GgufNaming;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The families of decoders that a reader of models recognises, such as {@link #KNOWN}.
 *
 * @param all the list, in which no two have the same name
 */
public record DecoderFamilies(List<DecoderFamily> all) {
    /** The families that Retort knows. A new family is a class of its own and a line here. */
    public static final DecoderFamilies KNOWN = new DecoderFamilies(List.of(
            LlamaFamily.LLAMA,
            Gpt2Family.GPT2,
            Qwen2Family.QWEN2,
            Qwen3Family.QWEN3,
            MistralFamily.MISTRAL,
            Gemma2Family.GEMMA2,
            Gemma3Family.GEMMA3,
            Phi3Family.PHI3,
            SmolLm3Family.SMOLLM3,
            GraniteFamily.GRANITE,
            EncoderDecoderFamily.BART,
            EncoderDecoderFamily.BLENDERBOT,
            EncoderDecoderFamily.BLENDERBOT_SMALL));

    public DecoderFamilies {
        all = List.copyOf(all);
        if (all.stream().map(DecoderFamily::name).distinct().count() < all.size()) {
            throw new IllegalArgumentException("all: two families of one name");
        }
    }

    /** Returns a list of these families and one more, for a caller that brings its own. */
    public DecoderFamilies with(DecoderFamily family) {
        List<DecoderFamily> more = new ArrayList<>(all);
        more.add(family);
        return new DecoderFamilies(more);
    }

    /** Returns how GGUF files name the tensors of each family. */
    public List<GgufNaming> namings() {
        return all.stream().map(DecoderFamily::gguf).toList();
    }

    Optional<DecoderFamily> byName(String name) {
        return find(family -> family.name().equals(name));
    }

    Optional<DecoderFamily> byArchitecture(String architecture) {
        return find(family -> family.gguf().architecture().equals(architecture));
    }

    private Optional<DecoderFamily> find(Predicate<DecoderFamily> wanted) {
        return all.stream().filter(wanted).findFirst();
    }

    /** Returns the advice for a user whose model is of none of the families. */
    String remedy() {
        return "Retort knows the generators "
                + all.stream().map(family -> "\"" + family.name() + "\"").collect(Collectors.joining(", "));
    }
}
