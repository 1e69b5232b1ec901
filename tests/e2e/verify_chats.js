// Checks what was posted to chat services against what they publish: the types of their own packages, read by
// TypeScript's checker, and Microsoft's parser of Adaptive Cards.
// Usage: node verify_chats.js FOLDER < a JSON list of {service, body}; prints one "ok" or reason for each.
// FOLDER has the packages in its node_modules.
const fs = require('fs');
const path = require('path');
const { isDeepStrictEqual } = require('util');
const folder = path.resolve(process.argv[2]);
const package_of = (name) => require(path.join(folder, 'node_modules', name));
const ts = package_of('typescript');
const cards = package_of('adaptivecards/dist/adaptivecards.js');

// For each service `Payload`. Mattermost, ntfy and Workflows publish no type of it: theirs are the tables of their
// documentation (incoming webhooks; publish as JSON; the example of "when a webhook request is received").
const TYPES = {
    // The generic Block would take any type of block, and what only the client's own code reads is not sent.
    slack: `
        import type { IncomingWebhookSendArguments } from '@slack/webhook';
        import type { KnownBlock } from '@slack/types';
        interface Payload extends Omit<IncomingWebhookSendArguments, 'blocks' | 'fetch' | 'timeout' | 'retryConfig'> {
            blocks?: KnownBlock[];
        }`,
    teams: `
        interface Attachment {
            contentType: 'application/vnd.microsoft.card.adaptive';
            contentUrl: null;
            content: { type: 'AdaptiveCard'; version: '1.4'; msteams?: { width: 'Full' }; [key: string]: unknown };
        }
        interface Payload { type: 'message'; attachments: [Attachment]; }`,
    discord: `
        import type { RESTPostAPIWebhookWithTokenJSONBody } from 'discord-api-types/v10';
        type Payload = RESTPostAPIWebhookWithTokenJSONBody;`,
    mattermost: `
        import type { MessageAttachment } from '@mattermost/types/message_attachments';
        import type { PostPriorityMetadata } from '@mattermost/types/posts';
        interface Common {
            channel?: string; username?: string; icon_url?: string; icon_emoji?: string; type?: string;
            props?: { card?: string; [key: string]: unknown }; priority?: PostPriorityMetadata;
        }
        type Payload = Common
            & ({ text: string; attachments?: MessageAttachment[] } | { text?: string; attachments: MessageAttachment[] });`,
    ntfy: `
        interface View { action: 'view'; label: string; url: string; clear?: boolean; }
        interface Payload {
            topic: string; message?: string; title?: string; tags?: string[]; priority?: 1 | 2 | 3 | 4 | 5;
            actions?: View[]; click?: string; attach?: string; markdown?: boolean; icon?: string; filename?: string;
            delay?: string; email?: string; call?: string; sequence_id?: string;
        }`,
};

const OPTIONS = {
    strict: true, noEmit: true, skipLibCheck: true, types: [], lib: ['lib.es2022.d.ts'],
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
};

// What the checker says of each payload, which stands as a fresh literal: then no unknown property is let through.
function wrong_types(posts) {
    const sources = new Map(posts.map(({ service, body }, number) => [
        path.join(folder, `payload-${number}.ts`), `${TYPES[service]}\nexport const payload: Payload = ${body};\n`]));
    const host = ts.createCompilerHost(OPTIONS);
    const { fileExists, readFile } = host;
    host.fileExists = (name) => sources.has(name) || fileExists(name);
    host.readFile = (name) => sources.get(name) ?? readFile(name);
    const program = ts.createProgram([...sources.keys()], OPTIONS, host);
    return [...sources.keys()].map((name) => ts.getPreEmitDiagnostics(program, program.getSourceFile(name))
        .map((found) => ts.flattenDiagnosticMessageText(found.messageText, ' ')));
}

// What Microsoft's parser says of a card of version 1.4; what it does not give back, it did not understand.
function wrong_card({ msteams, ...card }) {
    const context = new cards.SerializationContext(cards.Versions.v1_4);
    const parsed = new cards.AdaptiveCard();
    parsed.parse(card, context);
    const events = Array.from({ length: context.eventCount }, (_, number) => context.getEventAt(number));
    const wrong = [...events, ...parsed.validateProperties().validationEvents].map((event) => event.message);
    if (wrong.length === 0 && !isDeepStrictEqual(parsed.toJSON(), card)) {
        wrong.push('something in the card is unknown to the parser, or not of its type');
    }
    return wrong;
}

const posts = JSON.parse(fs.readFileSync(0, 'utf8'));
wrong_types(posts).forEach((wrong, number) => {
    const { service, body } = posts[number];
    if (service === 'teams') {
        wrong.push(...JSON.parse(body).attachments.flatMap(({ content }) => wrong_card(content)));
    }
    console.log(wrong.length === 0 ? 'ok' : wrong.join('; ').replace(/\s+/g, ' '));
});
