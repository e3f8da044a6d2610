package io.retort.text;

import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The special tokens of a tokenizer by name, and the search for them in text that may hold them. Immutable.
 */
public final class SpecialTokens {
    /** By these names llama.cpp knows what ends a text, a message or a file, whatever a model's files say. */
    private static final Set<String> ENDS = Set.of("<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|return|>",
            "<|call|>", "<|calls|>", "<|flush|>", "<end_of_turn>", "<turn|>", "<|tool_response>", "<|endoftext|>",
            "<|end_of_text|>", "<end_of_utterance>", "<\uff5cend\u2581of\u2581sentence\uff5c>", "</s>", "<eos>",
            "<EOT>",
            "_<EOT>", "[EOT]", "[EOS]", "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<|fim_repo|>", "<|repo_name|>",
            "<fim-repo>", "<|file_sep|>");

    private final Map<String, Integer> ids;
    private final Set<String> withSpaceBefore;
    private final Set<String> withSpaceAfter;
    private final int[] lengths;
    private final BitSet firstLetters = new BitSet(Character.MAX_VALUE + 1);

    /**
     * Special tokens that leave the white space beside them alone.
     *
     * @param ids id by name; empty names are passed over
     */
    public SpecialTokens(Map<String, Integer> ids) {
        this(ids, Set.of(), Set.of());
    }

    /**
     * Special tokens of which some take in the white space beside them.
     *
     * @param withSpaceBefore those that take in the white space before them ({@code lstrip})
     * @param withSpaceAfter  those that take in the white space after them ({@code rstrip})
     */
    SpecialTokens(Map<String, Integer> ids, Set<String> withSpaceBefore, Set<String> withSpaceAfter) {
        this.ids = Map.copyOf(ids);
        this.withSpaceBefore = Set.copyOf(withSpaceBefore);
        this.withSpaceAfter = Set.copyOf(withSpaceAfter);
        this.ids.keySet().stream().filter(name -> !name.isEmpty()).forEach(name -> firstLetters.set(name.charAt(0)));
        lengths = this.ids.keySet().stream().map(String::length).filter(length -> length > 0).distinct()
                .sorted(Comparator.reverseOrder()).mapToInt(length -> length).toArray();
    }

    /** Id of a special token; empty if there is none of this name. */
    public OptionalInt id(String name) {
        Integer id = ids.get(name);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The ids of all special tokens. */
    public Set<Integer> ids() {
        return Set.copyOf(ids.values());
    }

    /** Whether a token of this name ends what is said. */
    static boolean isEnd(String name) {
        return ENDS.contains(name);
    }

    /**
     * Ids of the tokens that end what is said in every model that has them. {@code <|end|>} is none beside tokens that
     * end a call and an answer (Harmony), where it ends a part of the answer.
     */
    public Set<Integer> ends() {
        Set<String> there = new HashSet<>(ENDS);
        there.retainAll(ids.keySet());
        boolean calls = there.contains("<|call|>") || there.contains("<|calls|>");
        if (calls && (there.contains("<|return|>") || there.contains("<|flush|>"))) there.remove("<|end|>");
        if (there.contains("<|tool_response>")) there.remove("</s>");
        return there.stream().map(ids::get).collect(Collectors.toUnmodifiableSet());
    }

    boolean takesSpaceBefore(String name) {
        return withSpaceBefore.contains(name);
    }

    boolean takesSpaceAfter(String name) {
        return withSpaceAfter.contains(name);
    }

    /** The first special token in a text; empty if there is none. */
    public Optional<String> firstIn(String text) {
        for (int place = 0; place < text.length(); place++) {
            int length = lengthAt(text, place, text.length());
            if (length > 0) return Optional.of(text.substring(place, place + length));
        }
        return Optional.empty();
    }

    /** Length of the longest special token that starts at this place of a text and ends by the limit; 0 if none does. */
    int lengthAt(CharSequence text, int place, int limit) {
        if (!firstLetters.get(text.charAt(place))) return 0;
        for (int length : lengths) {
            if (length <= limit - place && ids.containsKey(text.subSequence(place, place + length).toString())) {
                return length;
            }
        }
        return 0;
    }
}
