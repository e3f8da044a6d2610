package io.retort.lm;

import io.retort.files.BadInput;
import java.util.List;

/**
 * Texts of a batch as rows, one after the other; the last token of each is only predicted, and is no row.
 *
 * @param tokens     {@code [rows]}
 * @param positions  {@code [rows]}, from 0 in each text
 * @param predicting rows that are followed by a target
 * @param targets    for each of these the target
 */
record TrainingRows(int[] tokens, int[] positions, int[] predicting, float[] targets) {
    static TrainingRows of(List<TrainingText> texts, DecoderConfig config) {
        int rows = texts.stream().mapToInt(text -> text.tokens().length - 1).sum();
        int count = texts.stream().mapToInt(TrainingText::count).sum();
        if (count == 0) throw new IllegalArgumentException("a batch without targets");
        TrainingRows all = new TrainingRows(new int[rows], new int[rows], new int[count], new float[count]);
        int row = 0, target = 0;
        for (TrainingText text : texts) {
            int length = text.tokens().length;
            if (length > config.positions()) {
                throw BadInput.of("a text of " + length + " tokens is longer than the model's context of "
                        + config.positions(), "shorten it");
            }
            for (int t = 0; t + 1 < length; t++, row++) {
                all.tokens[row] = text.tokens()[t];
                all.positions[row] = t;
                if (!text.targets()[t + 1]) continue;
                all.predicting[target] = row;
                all.targets[target++] = text.tokens()[t + 1];
            }
        }
        return all;
    }

    int count() {
        return tokens.length;
    }
}
