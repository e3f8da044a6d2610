/**
 * Serving: a model and an index behind HTTP, with OpenAI's API beside one of its own ({@code docs/serving.md}).
 *
 * {@snippet :
 * try (Retort retort = Retort.open();
 *         ReplyServer server = ReplyServer.open(retort.runtime(), ServeSettings.defaults().withPort(8080))) {
 *     System.out.println(server.url());
 *     server.awaitClose();
 * }
 * }
 *
 * <p>Entry types: {@link io.retort.serve.ReplyServer}, {@link io.retort.serve.ServeSettings} and
 * {@link io.retort.serve.PageSettings}. A request goes through
 * {@code Gate} (ids, keys, headers, faults, log) to one of the endpoints, and its contexts to the {@code Generation}
 * that serves just now: a model, an index and what was added to it, of which {@code Deployment} puts a new one in place
 * of the old. Its {@code SafetyGuard} looks at what is said and at what would be answered, and finds replies through a
 * {@code Batcher}.
 *
 * <p>{@code PageEndpoints} has what people meet who come by a browser: the page's files, a talk with its reasons
 * ({@code TalkEndpoint}), {@code FeedbackFiles}, {@code Choices}, and the items of a study ({@code StudyEndpoints}).
 *
 * <p>May import every room before it. Only this room knows the HTTP library. Any thread.
 */
package io.retort.serve;
