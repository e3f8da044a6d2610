package io.retort.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import io.retort.files.Progress;
import io.retort.retrieval.RetrievalModel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own Java client and LangChain4j's talk to the server as they are. */
class OpenAiClientsTest {
    @TempDir
    static Path folder;
    private static TinyServer tiny;
    private static OpenAIClient client;

    @BeforeAll
    static void open() throws Exception {
        tiny = new TinyServer(folder);
        client = OpenAIOkHttpClient.builder().baseUrl(tiny.url("/v1")).apiKey("none needed here").maxRetries(0).build();
    }

    @AfterAll
    static void close() {
        client.close();
        tiny.close();
    }

    private static ChatCompletionCreateParams.Builder chat() {
        return ChatCompletionCreateParams.builder().model("tiny").addSystemMessage("be kind")
                .addUserMessage("i love tea").addAssistantMessage("he is good").addUserMessage("do you want bread")
                .temperature(0.7).maxCompletionTokens(100);
    }

    @Test
    void theOfficialClientGetsAReplyOrSeveral() throws Exception {
        ChatCompletion one = client.chat().completions().create(chat().build());
        String expected = tiny
                .post("/v1/reply", "{\"context\": [\"i love tea\", \"he is good\", \"do you want bread\"]}")
                .json().at("/replies/0/text").asText();
        assertEquals(expected, one.choices().getFirst().message().content().orElseThrow());
        assertEquals(ChatCompletion.Choice.FinishReason.STOP, one.choices().getFirst().finishReason());
        assertTrue(one.usage().orElseThrow().promptTokens() > 0);
        ChatCompletion three = client.chat().completions().create(chat().n(3).build());
        List<String> texts = three.choices().stream().map(each -> each.message().content().orElseThrow()).toList();
        assertEquals(3, texts.stream().distinct().count());
        assertEquals(expected, texts.getFirst());
    }

    @Test
    void theOfficialClientGetsTheSameReplyAsAStream() {
        String whole = client.chat().completions().create(chat().build()).choices().getFirst().message().content()
                .orElseThrow();
        StringBuilder text = new StringBuilder();
        try (StreamResponse<ChatCompletionChunk> stream = client.chat().completions().createStreaming(chat().build())) {
            stream.stream().flatMap(chunk -> chunk.choices().stream())
                    .forEach(choice -> choice.delta().content().ifPresent(text::append));
        }
        assertEquals(whole, text.toString());
    }

    @Test
    void theBotDoesNotSayAgainWhatItHasSaid() {
        ChatCompletionCreateParams.Builder first = ChatCompletionCreateParams.builder().model("retort")
                .addUserMessage("do you want bread");
        String said = client.chat().completions().create(first.build()).choices().getFirst().message().content()
                .orElseThrow();
        String then = client.chat().completions()
                .create(first.addAssistantMessage(said).addUserMessage("do you want bread").build()).choices()
                .getFirst()
                .message().content().orElseThrow();
        assertNotEquals(said, then);
    }

    @Test
    void theOfficialClientGetsVectorsInEitherEncoding() throws Exception {
        float[] expected;
        try (RetrievalModel model = tiny.model.load(tiny.runtime.engine())) {
            expected = model.encodeReplies(List.of("good cat"), Progress.NONE)[0];
        }
        for (EmbeddingCreateParams.EncodingFormat format : List.of(EmbeddingCreateParams.EncodingFormat.FLOAT,
                EmbeddingCreateParams.EncodingFormat.BASE64)) {
            CreateEmbeddingResponse made = client.embeddings().create(EmbeddingCreateParams.builder().model("tiny")
                    .inputOfArrayOfStrings(List.of("hello", "good cat")).encodingFormat(format).build());
            List<Float> vector = made.data().get(1).embedding();
            assertEquals(expected.length, vector.size());
            for (int i = 0; i < expected.length; i++) assertEquals(expected[i], vector.get(i), 1e-5);
        }
    }

    @Test
    void theOfficialClientUnderstandsTheFaults() {
        NotFoundException unknown = assertThrows(NotFoundException.class,
                () -> client.chat().completions().create(chat().model("gpt-none").build()));
        assertEquals("model_not_found", unknown.code().orElseThrow());
        BadRequestException refused = assertThrows(BadRequestException.class,
                () -> client.chat().completions().create(chat().logprobs(true).build()));
        assertEquals("logprobs", refused.param().orElseThrow());
        assertEquals("unsupported_parameter", refused.code().orElseThrow());
    }

    @Test
    void theOfficialClientListsTheModel() {
        assertEquals(List.of("tiny", "retort"), client.models().list().data().stream().map(each -> each.id()).toList());
        assertEquals("tiny", client.models().retrieve("tiny").id());
    }

    @Test
    void langChain4jChatsStreamsAndEmbeds() throws Exception {
        OpenAiChatModel model = OpenAiChatModel.builder().baseUrl(tiny.url("/v1")).apiKey("none").modelName("tiny")
                .maxRetries(0).build();
        String reply = model.chat("i love tea");
        assertTrue(TinyServer.REPLIES.contains(reply), reply);
        CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        StringBuilder streamed = new StringBuilder();
        OpenAiStreamingChatModel.builder().baseUrl(tiny.url("/v1")).apiKey("none").modelName("tiny").build()
                .chat("i love tea", new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String part) {
                        streamed.append(part);
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        whole.complete(response);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        whole.completeExceptionally(failure);
                    }
                });
        assertEquals(reply, whole.get(120, TimeUnit.SECONDS).aiMessage().text());
        assertEquals(reply, streamed.toString());
        float[] vector = OpenAiEmbeddingModel.builder().baseUrl(tiny.url("/v1")).apiKey("none").modelName("tiny")
                .build()
                .embed("good cat").content().vector();
        assertFalse(vector.length == 0);
    }
}
