package io.retort.cli;

import io.retort.generate.PromptChoice;
import picocli.CommandLine.Mixin;

/** What decides a run of `retort train`: also what an experiment, which asks a teacher by the same names, has no use for. */
final class SingleRunOptions extends TrainOptions {
    @Mixin
    private final TuningPrompt prompt = new TuningPrompt();

    @Override
    PromptChoice prompt() {
        return prompt.choice();
    }
}
