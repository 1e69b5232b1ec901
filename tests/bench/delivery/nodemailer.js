// nodemailer's pooled transport: COUNT messages of the size that a digest has, one recipient each.
// Usage: node nodemailer.js PORT COUNT BYTES
const nodemailer = require('nodemailer');
const [port, count, bytes] = process.argv.slice(2).map(Number);
const transport = nodemailer.createTransport({
    pool: true, host: '127.0.0.1', port, ignoreTLS: true, maxConnections: 8, maxMessages: 100,
});
const text = ('The account is to be reviewed today; these are the reasons.\n'.repeat(1 + bytes / 60)).slice(0, bytes);
(async () => {
    await Promise.all(Array.from({ length: count }, (_, i) => transport.sendMail({
        from: 'reviews@reviews.example', to: `p${i}@reviews.example`, subject: `Today 1: number ${i}`, text,
    })));
    transport.close();
})();
