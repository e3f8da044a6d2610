package io.retort.retrieval;

import io.retort.text.TextFormat;
import java.util.List;

/**
 * RoBERTa (Liu et al. 2019), with XLM-RoBERTa and CamemBERT, which differ in their vocabulary alone: BERT that counts
 * positions from the row after its padding's id.
 */
class RobertaFamily extends BertFamily {
    static final TextFormat TEXT = new TextFormat("<s>", "</s>", "</s>", "<pad>", 128, 64, "", "");

    @Override
    public List<String> modelTypes() {
        return List.of("roberta", "xlm-roberta", "camembert");
    }

    @Override
    int firstPosition(EncoderConfigJson file) {
        return file.integer("pad_token_id", 1) + 1;
    }

    @Override
    int padding(EncoderConfig config) {
        return config.positionOffset() - 1;
    }

    @Override
    String architecture() {
        return "RobertaModel";
    }

    @Override
    public List<String> holders() {
        return List.of("roberta.");
    }

    @Override
    public TextFormat usualText() {
        return TEXT;
    }
}
