package io.retort.jobs;

import static io.retort.settings.InvalidSetting.unless;

import io.retort.generate.Constraints;
import io.retort.generate.Constraints.NgramBlock;
import io.retort.generate.Constraints.Where;
import io.retort.generate.Decoding;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a language model's words are chosen: sampled, unless greedy or a beam is asked for. The components say what each
 * setting is.
 */
public record DecodingSettings(@Setting("Take the most probable token each time.") boolean greedy,
        @Setting(value = "Search with a beam of N hypotheses.", label = "N") Optional<Integer> beam,
        @Setting(value = "Of a beam: log-probabilities are ranked over their length to this power.", label = "X",
                defaultText = "1") Optional<Double> lengthPenalty,
        @Setting(
                value = "When a beam with N finished hypotheses stops: none (at once), heuristic (when the best of the "
                        + "others ranks below them as it is), full (when none can reach them).",
                label = "HOW",
                defaultText = "heuristic") Optional<Decoding.Patience> patience,
        @Setting(value = "Of sampling: logits are divided by it.", label = "X",
                defaultText = "1, and for replies 0.8") Optional<Double> temperature,
        @Setting(value = "Of sampling: only the N likeliest tokens.", label = "N",
                defaultText = "0, all") Optional<Integer> topK,
        @Setting(value = "Of sampling: only the likeliest tokens that have probability P together.", label = "P",
                defaultText = "0.9") Optional<Double> topP,
        @Setting(value = "Of sampling: the same seed gives the same text.", label = "N") long seed,
        @Setting(value = "Most tokens of a text.", label = "N") int maxTokens,
        @Setting(value = "Tokens before which no text ends.", label = "N") int minTokens,
        @Setting(value = "Logits of tokens that were there before are divided by it, negative ones multiplied.",
                label = "X", defaultText = "1, none") double repetitionPenalty,
        @Setting(value = "Never say the same N tokens in a row twice in a text.",
                label = "N") Optional<Integer> blockNgrams,
        @Setting(value = "Never say N tokens in a row of the prompt.",
                label = "N") Optional<Integer> blockPromptNgrams) {
    /** The usual temperature for replies; at 1 a small teacher wanders off (docs/teacher.md). */
    public static final double REPLY_TEMPERATURE = 0.8;
    /** The share of the likeliest tokens that are sampled from. */
    public static final double USUAL_TOP_P = 0.9;

    /** @throws InvalidSetting if a value is out of its range, or settings exclude each other */
    public DecodingSettings {
        boolean sampled = temperature.isPresent() || topK.isPresent() || topP.isPresent();
        if (greedy && (beam.isPresent() || sampled)) {
            throw new InvalidSetting("greedy", true, "which excludes a beam and sampling",
                    "leave out \"greedy\", or \"beam\", \"temperature\", \"top-k\" and \"top-p\"");
        }
        if (beam.isPresent() && sampled) {
            throw new InvalidSetting("beam", beam, "which excludes sampling",
                    "leave out \"beam\", or \"temperature\", \"top-k\" and \"top-p\"");
        }
        if (beam.isEmpty()) {
            if (lengthPenalty.isPresent()) throw ofBeam("lengthPenalty", lengthPenalty);
            if (patience.isPresent()) throw ofBeam("patience", patience);
        }
        unless(beam.isEmpty() || beam.get() >= 1 && beam.get() <= Decoding.Beam.WIDEST, "beam", beam,
                "use 1 to " + Decoding.Beam.WIDEST);
        unless(lengthPenalty.isEmpty() || Double.isFinite(lengthPenalty.get()), "lengthPenalty", lengthPenalty,
                "use a finite number");
        unless(temperature.isEmpty() || temperature.get() >= 1e-3 && Double.isFinite(temperature.get()), "temperature",
                temperature, "use 0.001 or more, or \"greedy\"");
        unless(topK.isEmpty() || topK.get() >= 0, "topK", topK, "use 1 or more, or 0 for no limit");
        unless(topP.isEmpty() || topP.get() > 0 && topP.get() <= 1, "topP", topP, "use more than 0 and at most 1");
        unless(maxTokens >= 1, "maxTokens", maxTokens, "use 1 or more");
        unless(minTokens >= 0 && minTokens <= maxTokens, "minTokens", minTokens, "use 0 to " + maxTokens);
        unless(repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY, "repetitionPenalty",
                repetitionPenalty, "use a number above 0; 1 is none");
        unless(blockNgrams.isEmpty() || blockNgrams.get() >= 1, "blockNgrams", blockNgrams, "use 1 or more");
        unless(blockPromptNgrams.isEmpty() || blockPromptNgrams.get() >= 1, "blockPromptNgrams", blockPromptNgrams,
                "use 1 or more");
    }

    private static InvalidSetting ofBeam(String parameter, Object value) {
        return new InvalidSetting(parameter, value, "which only a beam has", "give \"beam\" its width");
    }

    /** The usual settings: sampled texts of at most forty tokens. */
    public static DecodingSettings defaults() {
        return new DecodingSettings(false, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), 0, 40, 0, 1, Optional.empty(), Optional.empty());
    }

    /** A copy of these settings with another way of decoding under the same constraints. */
    public DecodingSettings withDecoding(Decoding decoding) {
        return switch (decoding) {
            case Decoding.Greedy _ -> with(true, null, null, seed);
            case Decoding.Beam beam -> with(false, beam, null, seed);
            case Decoding.Sampling sampling -> with(false, null, sampling, sampling.seed());
        };
    }

    private DecodingSettings with(boolean greedy, Decoding.Beam beam, Decoding.Sampling sampling, long seed) {
        Optional<Decoding.Beam> ofBeam = Optional.ofNullable(beam);
        Optional<Decoding.Sampling> ofSampling = Optional.ofNullable(sampling);
        return new DecodingSettings(greedy, ofBeam.map(Decoding.Beam::width),
                ofBeam.map(Decoding.Beam::lengthPenalty), ofBeam.map(Decoding.Beam::patience),
                ofSampling.map(Decoding.Sampling::temperature), ofSampling.map(Decoding.Sampling::topK),
                ofSampling.map(Decoding.Sampling::topP), seed, maxTokens, minTokens, repetitionPenalty, blockNgrams,
                blockPromptNgrams);
    }

    /** A copy of these settings with another seed. */
    public DecodingSettings withSeed(long seed) {
        return new DecodingSettings(greedy, beam, lengthPenalty, patience, temperature, topK, topP, seed, maxTokens,
                minTokens, repetitionPenalty, blockNgrams, blockPromptNgrams);
    }

    /** A copy of these settings with another greatest length. */
    public DecodingSettings withMaxTokens(int maxTokens) {
        return new DecodingSettings(greedy, beam, lengthPenalty, patience, temperature, topK, topP, seed, maxTokens,
                minTokens, repetitionPenalty, blockNgrams, blockPromptNgrams);
    }

    /** The way of decoding for texts of any kind, as after a prompt of the caller's own. */
    public Decoding ofTexts() {
        return decoding(1);
    }

    /** The way of decoding for replies in a conversation, whose usual temperature is lower. */
    public Decoding ofReplies() {
        return decoding(REPLY_TEMPERATURE);
    }

    private Decoding decoding(double usualTemperature) {
        if (greedy) return new Decoding.Greedy();
        if (beam.isPresent()) {
            return new Decoding.Beam(beam.get(), lengthPenalty.orElse(1.0),
                    patience.orElse(Decoding.Patience.HEURISTIC));
        }
        return new Decoding.Sampling(temperature.orElse(usualTemperature), topK.orElse(0), topP.orElse(USUAL_TOP_P),
                seed);
    }

    /** The constraints that generated texts must keep. */
    public Constraints constraints() {
        List<NgramBlock> blocks = new ArrayList<>();
        blockNgrams.ifPresent(size -> blocks.add(new NgramBlock(size, Where.REPLY)));
        blockPromptNgrams.ifPresent(size -> blocks.add(new NgramBlock(size, Where.PROMPT)));
        return new Constraints(maxTokens, minTokens, repetitionPenalty, blocks);
    }
}
