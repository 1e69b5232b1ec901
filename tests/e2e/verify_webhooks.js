// Verifies webhooks with the library of the specification's own authors.
// Usage: node verify_webhooks.js SECRET < a JSON list of {headers, body}; prints one "ok" or reason for each.
const { Webhook } = require('standardwebhooks');
const requests = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const hook = new Webhook(process.argv[2]);
const clock = Date.now;
for (const { headers, body } of requests) {
    // The library refuses what is five minutes old; the stories run on days of their own.
    Date.now = () => Number(headers['webhook-timestamp']) * 1000;
    try {
        hook.verify(body, headers);
        console.log('ok');
    } catch (error) {
        console.log(error.message);
    }
}
Date.now = clock;
