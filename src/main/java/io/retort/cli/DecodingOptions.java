package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.generate.Constraints;
import io.retort.generate.Constraints.NgramBlock;
import io.retort.generate.Constraints.Where;
import io.retort.generate.Decoding;
import io.retort.generate.Decoding.Patience;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How a language model's tokens are chosen: sampled, unless the user says otherwise. */
final class DecodingOptions {
    /** At 1 a small teacher wanders off; see docs/teacher.md. */
    private static final double REPLY_TEMPERATURE = 0.8;

    @Option(names = "--greedy", description = "Take the most probable token each time.")
    private boolean greedy;

    @Option(names = "--beam", paramLabel = "N", description = "Search with a beam of N hypotheses.")
    private Integer beam;

    @Option(names = "--length-penalty", paramLabel = "X",
            description = "Of a beam: log-probabilities are ranked over their length to this power. Default: 1.")
    private Double lengthPenalty;

    @Option(names = "--patience", paramLabel = "HOW",
            description = "When a beam with N finished hypotheses stops: none (at once), heuristic (when the best of the "
                    + "others ranks below them as it is), full (when none can reach them). Default: heuristic.")
    private Patience patience;

    @Option(names = "--temperature", paramLabel = "X",
            description = "Of sampling: logits are divided by it. Default: 1, and for replies "
                    + REPLY_TEMPERATURE + ".")
    private Double temperature;

    @Option(names = "--top-k", paramLabel = "N",
            description = "Of sampling: only the N likeliest tokens. Default: 0, all.")
    private Integer topK;

    @Option(names = "--top-p", paramLabel = "P",
            description = "Of sampling: only the likeliest tokens that have probability P together. Default: 0.9.")
    private Double topP;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0",
            description = "Of sampling: the same seed gives the same text. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "40",
            description = "Most tokens of a text. Default: ${DEFAULT-VALUE}.")
    private int maxTokens;

    @Option(names = "--min-tokens", paramLabel = "N", defaultValue = "0",
            description = "Tokens before which no text ends. Default: ${DEFAULT-VALUE}.")
    private int minTokens;

    @Option(names = "--repetition-penalty", paramLabel = "X", defaultValue = "1",
            description = "Logits of tokens that were there before are divided by it, negative ones multiplied. Default: "
                    + "${DEFAULT-VALUE}, none.")
    private double repetitionPenalty;

    @Option(names = "--block-ngrams", paramLabel = "N",
            description = "Never say the same N tokens in a row twice in a text.")
    private Integer replyNgrams;

    @Option(names = "--block-prompt-ngrams", paramLabel = "N",
            description = "Never say N tokens in a row of the prompt.")
    private Integer promptNgrams;

    /**
     * For texts.
     *
     * @throws BadInput if options contradict each other
     */
    Decoding decoding() {
        return decoding(1);
    }

    /**
     * For replies in a conversation.
     *
     * @throws BadInput if options contradict each other
     */
    Decoding replies() {
        return decoding(REPLY_TEMPERATURE);
    }

    private Decoding decoding(double usual) {
        boolean sampling = temperature != null || topK != null || topP != null;
        boolean beamOnly = lengthPenalty != null || patience != null;
        if (greedy && (beam != null || sampling) || beam != null && sampling) {
            throw BadInput.of("--greedy, --beam and --temperature, --top-k or --top-p exclude each other",
                    "choose one way of decoding");
        }
        if (beam == null && beamOnly) throw BadInput.of("--length-penalty and --patience are a beam's", "add --beam N");
        if (greedy) return new Decoding.Greedy();
        if (beam != null) {
            return new Decoding.Beam(beam, orElse(lengthPenalty, 1.0), orElse(patience, Patience.HEURISTIC));
        }
        return new Decoding.Sampling(orElse(temperature, usual), orElse(topK, 0), orElse(topP, 0.9), seed);
    }

    Constraints constraints() {
        List<NgramBlock> blocks = new ArrayList<>();
        if (replyNgrams != null) blocks.add(new NgramBlock(replyNgrams, Where.REPLY));
        if (promptNgrams != null) blocks.add(new NgramBlock(promptNgrams, Where.PROMPT));
        return new Constraints(maxTokens, minTokens, repetitionPenalty, blocks);
    }

    private static <T> T orElse(T value, T absent) {
        return value == null ? absent : value;
    }
}
