package io.retort.teacher;

import io.retort.generate.LikelihoodScorer;
import io.retort.generate.PromptChoice;
import io.retort.lm.WeightStorage;

/**
 * How contexts are put to a {@link LocalTeacher}, and how many are computed together.
 *
 * @param prompt      what stands around a context
 * @param history     newest turns of a context that it reads, 1 or more
 * @param batch       replies that are written at a time, 1 or more; decides speed and memory, but no text
 * @param batchTokens about how many tokens are computed at a time when it judges, 1 or more; decides no score either
 * @param weights     how its weights are kept in memory, by an engine that can
 */
public record LocalTeacherSettings(PromptChoice prompt, int history, int batch, int batchTokens,
        WeightStorage weights) {
    /** @throws IllegalArgumentException if a number is below 1, or the weights are null */
    public LocalTeacherSettings {
        requirePositive("history", history);
        requirePositive("batch", batch);
        requirePositive("batchTokens", batchTokens);
        if (weights == null) throw new IllegalArgumentException("weights is null");
    }

    /** The usual settings: a continuation without a header, of the newest four turns, weights as they are stored. */
    public static LocalTeacherSettings defaults() {
        return new LocalTeacherSettings(PromptChoice.usual(), 4, 32, LikelihoodScorer.DEFAULT_BATCH_TOKENS,
                WeightStorage.FILE);
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) throw new IllegalArgumentException(name + " is " + value + ", not 1 or more");
    }

    /** A copy of these settings that puts something else around a context. */
    public LocalTeacherSettings withPrompt(PromptChoice prompt) {
        return new LocalTeacherSettings(prompt, history, batch, batchTokens, weights);
    }

    /** A copy of these settings with another number of turns that are read. */
    public LocalTeacherSettings withHistory(int history) {
        return new LocalTeacherSettings(prompt, history, batch, batchTokens, weights);
    }

    /** A copy of these settings that computes another number of replies at a time. */
    public LocalTeacherSettings withBatch(int batch) {
        return new LocalTeacherSettings(prompt, history, batch, batchTokens, weights);
    }

    /** A copy of these settings that scores another number of tokens at a time. */
    public LocalTeacherSettings withBatchTokens(int batchTokens) {
        return new LocalTeacherSettings(prompt, history, batch, batchTokens, weights);
    }

    /** A copy of these settings that keeps weights otherwise. */
    public LocalTeacherSettings withWeights(WeightStorage weights) {
        return new LocalTeacherSettings(prompt, history, batch, batchTokens, weights);
    }
}
