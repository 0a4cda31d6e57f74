import type { ChatMessage, TemplateOptions } from "../core/api.ts";
import { WebggufError } from "../core/errors.ts";
import { runTemplate, TEMPLATE_LIMITS, type TemplateLimits } from "./sandbox.ts";

/** ChatML, for files without a template: the form that most models without one have seen. */
export const DEFAULT_TEMPLATE = `{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`;

/**
 * Renders a chat template as llama.cpp does: where the template refuses or drops a system message, its text and a line
 * break go in front of the message that follows it.
 *
 * Throws `template` when the template is wrong, refuses the conversation or exceeds a limit, `invalid-argument` when the
 * messages are not in the form of `ChatMessage`.
 */
export function renderTemplate(template: string, options: TemplateOptions, limits?: TemplateLimits): string {
  const { messages, bosToken, eosToken, addGenerationPrompt, tools } = options;
  checkMessages(messages);
  const deadline = Date.now() + (limits ?? TEMPLATE_LIMITS).milliseconds;
  const render = (list: readonly ChatMessage[]) => {
    const milliseconds = Math.max(0, deadline - Date.now());
    return runTemplate(
      template,
      {
        messages: list,
        bos_token: bosToken,
        eos_token: eosToken,
        ...(addGenerationPrompt && { add_generation_prompt: true }),
        ...(tools?.length && { tools }),
      },
      { ...(limits ?? TEMPLATE_LIMITS), milliseconds },
    );
  };
  if (messages[0].role !== "system" || takesSystemMessage(render)) return render(messages);
  return render(withoutSystemMessage(messages));
}

/** Whether the text of a system message comes out of the template. */
function takesSystemMessage(render: (messages: readonly ChatMessage[]) => string): boolean {
  const marker = "webgguf-system-message";
  try {
    return render([
      { role: "system", content: marker },
      { role: "user", content: "Hello" },
    ]).includes(marker);
  } catch {
    return false;
  }
}

function withoutSystemMessage([system, next, ...rest]: readonly ChatMessage[]): ChatMessage[] {
  if (!next) return [{ role: "user", content: system.content }];
  return [{ ...next, content: `${system.content}\n${next.content}` }, ...rest];
}

const ROLES: readonly string[] = ["system", "user", "assistant", "tool"] satisfies ChatMessage["role"][];

function checkMessages(messages: readonly ChatMessage[]): void {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new WebggufError("invalid-argument", "A chat needs at least one message.");
  }
  for (const [index, message] of messages.entries()) {
    if (!ROLES.includes(message?.role) || typeof message.content !== "string") {
      throw new WebggufError(
        "invalid-argument",
        `Message ${index} must be { role, content } with a role of ${ROLES.join(", ")} and a text as content; its role is ${String(message?.role)}, its content ${typeof message?.content}.`,
      );
    }
  }
}
