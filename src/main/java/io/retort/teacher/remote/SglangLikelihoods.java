package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/**
 * Likelihoods by SGLang's {@code /generate} with {@code return_logprob}. Prompt and text are made tokens apart and sent
 * as ids; only the text's tokens are computed.
 */
record SglangLikelihoods(Endpoint endpoint, String model) implements Likelihoods {
    @Override
    public String name() {
        return "return_logprob";
    }

    @Override
    public double[] of(String prompt, String text) throws Unreadable {
        int[] before = tokens(prompt, true), after = tokens(text, false);
        if (before.length == 0 || after.length == 0) throw new Unreadable("nothing to read");
        // The first entry that is told may have no value, so that one more is asked for.
        ObjectNode body = Endpoint.object().put("return_logprob", true).put("logprob_start_len", before.length - 1);
        body.putObject("sampling_params").put("temperature", 0).put("max_new_tokens", 1);
        ArrayNode ids = body.putArray("input_ids");
        for (int id : before) ids.add(id);
        for (int id : after) ids.add(id);
        JsonNode told = endpoint.post(endpoint.own("generate"), body).path("meta_info").path("input_token_logprobs");
        int first = told.size() - after.length;
        if (!told.isArray() || first < 0 || first > before.length) {
            throw BadAnswer.lasting("told " + told.size() + " log-probabilities of " + (after.length + 1) + " tokens");
        }
        double[] nats = new double[after.length];
        for (int i = 0; i < nats.length; i++) {
            JsonNode entry = told.get(first + i);
            if (entry.path(1).asInt(-1) != after[i]) throw BadAnswer.lasting("told log-probabilities of other tokens");
            nats[i] = Likelihoods.logProbability(entry.path(0));
        }
        return nats;
    }

    private int[] tokens(String text, boolean opens) {
        ObjectNode body = Endpoint.object().put("model", model).put("prompt", text).put("add_special_tokens", opens);
        return Likelihoods.ids(endpoint.post(endpoint.own("tokenize"), body).path("tokens"),
                text.getBytes(StandardCharsets.UTF_8).length);
    }
}
