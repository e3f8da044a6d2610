package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/**
 * Likelihoods by vLLM's {@code prompt_logprobs}. Prompt and text are made tokens apart and sent as ids, as our own
 * language models read them.
 */
record PromptLikelihoods(Endpoint endpoint, String model) implements Likelihoods {
    @Override
    public String name() {
        return "prompt_logprobs";
    }

    @Override
    public double[] of(String prompt, String text) throws Unreadable {
        int[] before = tokens(prompt, true), after = tokens(text, false);
        if (before.length == 0 || after.length == 0) throw new Unreadable("nothing to read");
        ObjectNode body = Endpoint.object().put("model", model).put("max_tokens", 1).put("temperature", 0)
                .put("prompt_logprobs", 0);
        ArrayNode ids = body.putArray("prompt");
        for (int id : before) ids.add(id);
        for (int id : after) ids.add(id);
        JsonNode told = Likelihoods.choice(endpoint.post(endpoint.v1("completions"), body)).path("prompt_logprobs");
        if (!told.isArray() || told.size() != ids.size()) {
            throw BadAnswer.lasting("told " + told.size() + " log-probabilities of " + ids.size() + " tokens");
        }
        double[] nats = new double[after.length];
        for (int i = 0; i < nats.length; i++) {
            JsonNode ofToken = told.get(before.length + i).path(Integer.toString(after[i]));
            nats[i] = Likelihoods.logProbability(ofToken.path("logprob"));
        }
        return nats;
    }

    private int[] tokens(String text, boolean opens) {
        ObjectNode body = Endpoint.object().put("model", model).put("prompt", text).put("add_special_tokens", opens);
        return Likelihoods.ids(endpoint.post(endpoint.own("tokenize"), body).path("tokens"),
                text.getBytes(StandardCharsets.UTF_8).length);
    }
}
