package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/**
 * Likelihoods out of llama.cpp's server, which tells those of what it writes alone: it is made to write the text, token
 * by token, by a bias that no other token outweighs. The log-probability that it tells is that of its logits before the
 * bias. Its cache keeps what was read before, so that a token costs about as much as one that is written.
 */
record ForcedIds(Endpoint endpoint) implements Likelihoods {
    static final double BIAS = 1000;

    @Override
    public String name() {
        return "forced";
    }

    @Override
    public double[] of(String prompt, String text) throws Unreadable {
        int[] before = tokens(prompt, true), after = tokens(text, false);
        if (before.length == 0 || after.length == 0) throw new Unreadable("nothing to read");
        ArrayNode ids = Endpoint.object().putArray("ids");
        for (int id : before) ids.add(id);
        double[] nats = new double[after.length];
        for (int i = 0; i < nats.length; i++) {
            ObjectNode body = Endpoint.object().put("n_predict", 1).put("n_probs", 1).put("temperature", 0)
                    .put("cache_prompt", true).put("return_tokens", true).put("post_sampling_probs", false);
            body.set("prompt", ids.deepCopy());
            body.putArray("logit_bias").addArray().add(after[i]).add(BIAS);
            JsonNode told = endpoint.post(endpoint.own("completion"), body).path("completion_probabilities").path(0);
            if (told.path("id").asInt(-1) != after[i]) {
                throw BadAnswer.lasting("wrote another token than it was made to, or told no probabilities");
            }
            nats[i] = Likelihoods.logProbability(told.path("logprob"));
            ids.add(after[i]);
        }
        return nats;
    }

    private int[] tokens(String text, boolean opens) {
        // What people said never becomes a special token.
        ObjectNode body = Endpoint.object().put("content", text).put("add_special", opens).put("parse_special", false);
        return Likelihoods.ids(endpoint.post(endpoint.own("tokenize"), body).path("tokens"),
                text.getBytes(StandardCharsets.UTF_8).length);
    }
}
