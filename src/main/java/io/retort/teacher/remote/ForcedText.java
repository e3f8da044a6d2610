package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/**
 * Likelihoods out of llama-cpp-python's server for models that begin no text with a token of their own, whose echoed
 * values it tells one place too early: it is made to write the text, token by token, as {@link ForcedIds} does. It takes
 * no ids, so that what was written so far is sent as text, and the number of its tokens is watched.
 */
record ForcedText(Endpoint endpoint, String model) implements Likelihoods {
    @Override
    public String name() {
        return "forced";
    }

    @Override
    public double[] of(String prompt, String text) throws Unreadable {
        ObjectNode asked = Endpoint.object().put("model", model).put("input", text);
        int[] ids = Likelihoods.ids(endpoint.post(endpoint.own("extras/tokenize"), asked).path("tokens"),
                text.getBytes(StandardCharsets.UTF_8).length);
        if (ids.length == 0) throw new Unreadable("nothing to read");
        double[] nats = new double[ids.length];
        String so = prompt;
        int before = -1;
        for (int i = 0; i < ids.length; i++) {
            ObjectNode body = Endpoint.object().put("model", model).put("prompt", so).put("max_tokens", 1)
                    .put("logprobs", 1).put("temperature", 0);
            body.putObject("logit_bias").put(Integer.toString(ids[i]), ForcedIds.BIAS);
            JsonNode answer = endpoint.post(endpoint.v1("completions"), body);
            int read = answer.path("usage").path("prompt_tokens").asInt(-1);
            if (i == 0) before = read;
            if (read != before + i) throw new Unreadable("what is written so far is read as other tokens");
            JsonNode choice = Likelihoods.choice(answer);
            nats[i] = Likelihoods.logProbability(choice.path("logprobs").path("token_logprobs").path(0));
            String written = choice.path("text").asText();
            boolean goesOn = !written.isEmpty() && text.startsWith(written, so.length() - prompt.length());
            if (!goesOn) throw new Unreadable("a token is part of a letter");
            so += written;
        }
        if (!so.equals(prompt + text)) throw BadAnswer.lasting("wrote another text than it was made to");
        return nats;
    }
}
