package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Likelihoods by the {@code decoder_input_details} of Text Generation Inference, which must have been started with
 * {@code --enable-prefill-logprobs}. It takes text alone: where the text's tokens begin is told by the prompt's.
 */
record TgiLikelihoods(Endpoint endpoint) implements Likelihoods {
    @Override
    public String name() {
        return "decoder_input_details";
    }

    @Override
    public double[] of(String prompt, String text) throws Unreadable {
        int[] before = tokens(prompt), whole = tokens(prompt + text);
        boolean parts = before.length > 0 && whole.length > before.length
                && Arrays.equals(before, Arrays.copyOf(whole, before.length));
        if (!parts) throw new Unreadable("no token begins where the text does");
        ObjectNode body = Endpoint.object().put("inputs", prompt + text);
        body.putObject("parameters").put("details", true).put("decoder_input_details", true).put("max_new_tokens", 1);
        JsonNode answer = endpoint.post(endpoint.own("generate"), body);
        JsonNode told = (answer.isArray() ? answer.path(0) : answer).path("details").path("prefill");
        if (!told.isArray() || told.size() != whole.length) {
            throw BadAnswer.lasting("told " + told.size() + " log-probabilities of " + whole.length
                    + " tokens; it must be started with --enable-prefill-logprobs");
        }
        double[] nats = new double[whole.length - before.length];
        for (int i = 0; i < nats.length; i++) {
            JsonNode entry = told.get(before.length + i);
            if (entry.path("id").asInt(-1) != whole[before.length + i]) {
                throw BadAnswer.lasting("told log-probabilities of other tokens");
            }
            nats[i] = Likelihoods.logProbability(entry.path("logprob"));
        }
        return nats;
    }

    private int[] tokens(String text) {
        return Likelihoods.ids(endpoint.post(endpoint.own("tokenize"), Endpoint.object().put("inputs", text)),
                text.getBytes(StandardCharsets.UTF_8).length);
    }
}
