/** What a replay takes people to do, in the words that every answer and the help carry. */

export const MODEL: readonly string[] = [
  'Everybody comes when they came, and asks for what they asked for: the same seats by name, or the best so many.',
  'Orders that came directly (v1 to v3) and were refused, and whoever was turned away before the queue, left ' +
    'nothing in the log: they are not in the demand, however much looser the settings are.',
  'Whoever paid pays again at the same moment if the order still lives; if it has expired by then, they do not.',
  'Money that came after its order had ended comes again, and gets seats again or goes back.',
  'Deadlines follow the settings; what expires is noticed as late behind its deadline as it was then.',
  'Whoever is refused does nothing further and asks for nothing else. Named seats that are taken are refused.',
  'Who let an order expire lets it expire under a longer deadline too.',
  'An order that was refused then and is placed now does what a recorded order did, chosen by its number: it ' +
    'pays, cancels or expires after as long a time. It is never refunded.',
  'Everything ends where the log ends: what is open there stays open.',
];
