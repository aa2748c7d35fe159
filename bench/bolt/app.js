// A Bolt app that answers /goal from memory with the bytes that Goalkeeper answered: the file named as its argument.
const { App, LogLevel } = require('@slack/bolt');
const { readFileSync } = require('node:fs');

const answer = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const app = new App({
  signingSecret: process.env.SLACK_SIGNING_SECRET,
  authorize: async () => ({ botToken: 'xoxb-bench', botId: 'BBOT', botUserId: 'UBOT' }),
  logLevel: LogLevel.ERROR,
});
app.command('/goal', async ({ ack }) => {
  await ack(answer);
});
app.start({ port: 0, host: '127.0.0.1' }).then((server) => {
  console.log(`Open http://127.0.0.1:${server.address().port} in a browser.`);
});
