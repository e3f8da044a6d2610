/**
 * Who is distilled, at the level of text: it writes replies to contexts and judges the replies of others.
 *
 * {@snippet :
 * try (Retort retort = Retort.open(); Teacher teacher = retort.teacher(Path.of("model.gguf"))) {
 *     JudgementRequest request = new JudgementRequest("1", Context.of("I love tea."), List.of("So do I.", "No."));
 *     teacher.judge(List.of(request).iterator(), judgement -> System.out.println(judgement.opinions()));
 * }
 * }
 *
 * <p>Entry types: {@link io.retort.teacher.Teacher} (the seam: implement it for a teacher of your own),
 * {@link io.retort.teacher.LocalTeacher} (a language model in this process, out of a GGUF file or a folder of the Hugging
 * Face Hub), {@code remote.RemoteTeacher} (one behind HTTP).
 *
 * <p>May import every room before it, up to {@code generate}. A local teacher may be used from any thread.
 */
package io.retort.teacher;
