package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Likelihoods by {@code echo} and {@code logprobs} of {@code /completions}: the server says its prompt again, with the
 * log-probability of each token. Places in the text are counted in code points.
 */
record EchoedLikelihoods(Endpoint endpoint, String model) implements Likelihoods {
    private static final String REPLACEMENT = "\uFFFD";

    @Override
    public String name() {
        return "echo";
    }

    @Override
    public double[] of(String prompt, String text) throws Unreadable {
        String whole = prompt + text;
        // One token is written and left aside: some servers take 0 for as many as fit.
        ObjectNode body = Endpoint.object().put("model", model).put("prompt", whole).put("echo", true)
                .put("logprobs", 1).put("max_tokens", 1).put("temperature", 0);
        JsonNode choice = Likelihoods.choice(endpoint.post(endpoint.v1("completions"), body));
        if (!choice.path("text").asText().startsWith(whole)) throw BadAnswer.lasting("does not echo what it was sent");
        JsonNode told = choice.path("logprobs"), tokens = told.path("tokens"), values = told.path("token_logprobs"),
                offsets = told.path("text_offset");
        if (!tokens.isArray() || tokens.size() != values.size() || tokens.size() != offsets.size()) {
            throw BadAnswer.lasting("told " + values.size() + " log-probabilities and " + offsets.size()
                    + " places of " + tokens.size() + " tokens");
        }
        int begin = prompt.codePointCount(0, prompt.length()), end = whole.codePointCount(0, whole.length());
        int from = 0;
        while (from < tokens.size() && offsets.get(from).asInt(-1) < begin) from++;
        int to = from;
        while (to < tokens.size() && offsets.get(to).asInt(-1) < end) to++;
        if (from == to || offsets.get(from).asInt(-1) != begin) {
            throw new Unreadable("no token begins where the text does");
        }
        StringBuilder said = new StringBuilder();
        for (int i = from; i < to; i++) said.append(tokens.get(i).asText());
        boolean inWholeLetters = said.indexOf(REPLACEMENT) < 0 && text.indexOf(REPLACEMENT) < 0;
        // Parts of a letter are left out by some servers, so that only plain texts can be compared.
        if (inWholeLetters && text.chars().allMatch(letter -> letter < 128) && !said.toString().equals(text)) {
            throw BadAnswer.lasting("told the log-probabilities of another text");
        }
        double[] nats = new double[to - from];
        for (int i = from; i < to; i++) nats[i - from] = Likelihoods.logProbability(values.get(i));
        return nats;
    }
}
