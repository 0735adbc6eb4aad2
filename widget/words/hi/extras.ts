import type { ContactStrings, ExtrasStrings, FileKinds } from '../strings.ts'
import { formatsIn } from '../formats.ts'
import { listIn, sizesIn } from '../sizes.ts'

const { number, count } = formatsIn('hi')

const kindsIn = ({ images, text, pdf }: FileKinds) =>
  listIn('hi', [images && 'चित्र (PNG, JPEG, GIF, WebP)', text && 'टेक्स्ट फ़ाइलें', pdf && 'PDF'])

/** Hindi words of what the composer can do beyond text. */
export const extras: ExtrasStrings = {
  size: sizesIn('hi'),
  files: {
    hint: (kinds, most, size) =>
      `ज़्यादा से ज़्यादा ${count(most, { one: '# फ़ाइल', other: '# फ़ाइलें' })}, कुल ${size}: ${kindsIn(kinds)}`,
    list: 'भेजने के लिए फ़ाइलें',
    drop: 'जोड़ने के लिए फ़ाइलें यहाँ छोड़ें',
    reading: (name) => `${name} पढ़ी जा रही है`,
    remove: (name) => `${name} हटाएँ`,
    sending: 'फ़ाइलें भेजी जा रही हैं',
    download: (name) => `${name} डाउनलोड करें`,
    notDownloaded: (name, why) => `${name} डाउनलोड नहीं हुई। ${why}`,
    needText: 'फ़ाइलों के साथ कुछ शब्द लिखें।',
  },
  refused: {
    tooMany: (most) =>
      `एक संदेश में ${count(most, { one: '# फ़ाइल आती है', other: '# फ़ाइलें आती हैं' })}। पहले कोई एक हटाएँ।`,
    tooLarge: (size) => `एक संदेश की फ़ाइलें कुल ${size} तक हो सकती हैं। छोटी फ़ाइलें चुनें।`,
    empty: (name) => `${name} खाली है।`,
    kind: (name, kinds) => `${name} नहीं जोड़ी गई। आप ये जोड़ सकते हैं: ${kindsIn(kinds)}।`,
    unreadable: (name) => `${name} पढ़ी नहीं जा सकी।`,
  },
  settings: {
    list: 'जवाबों की सेटिंग',
    temperature: (value) => `टेम्परेचर ${number(value)}`,
    top_k: (value) => `टॉप-k ${number(value)}`,
    remove: (setting) => `${setting} हटाएँ`,
  },
  commands: {
    list: 'कमांड',
    count: (amount) => count(amount, { other: '# कमांड' }),
    does: {
      temperature: 'कितनी आज़ादी से लिखें, 0 से 2',
      topk: 'कितने शब्दों में से चुनें, 1 से 200',
      think: 'एक-एक कदम सोचें: on (चालू) या off (बंद)',
      person: 'किसी व्यक्ति से संपर्क करें',
      clear: 'नई बातचीत शुरू करें',
      help: 'ये कमांड दिखाएँ',
    },
    unknown: (name) => `/${name} नाम की कोई कमांड नहीं है। सब देखने के लिए /help लिखें।`,
    range: (name, least, most, whole) =>
      `/${name} के साथ ${least} से ${most} तक की ${whole ? 'पूरी ' : ''}संख्या लिखें।`,
    onOff: '/think के साथ “on” (चालू) या “off” (बंद) लिखें, या बदलने के लिए कुछ नहीं।',
    extra: (name) => `/${name} के साथ कुछ और नहीं आता।`,
    isSet: (setting) => `अब से: ${setting}।`,
    cleared: 'यह नई बातचीत है।',
    thinks: (on) => (on ? 'सोचना चालू है।' : 'सोचना बंद है।'),
    cannotThink: 'सोचना यहाँ बदला नहीं जा सकता।',
    slashText: 'स्लैश से शुरू होने वाला टेक्स्ट भेजने के लिए दो स्लैश लिखें।',
  },
  voice: {
    stop: 'सुनना बंद करें',
    heardBy: 'आपके ब्राउज़र की आवाज़ सेवा आपकी बात को टेक्स्ट में बदलती है।',
    listening: 'सुन रहा है…',
    denied: 'यहाँ माइक्रोफ़ोन की अनुमति नहीं है। इसे अपने ब्राउज़र की सेटिंग में बदल सकते हैं।',
    unheard: 'कुछ सुनाई नहीं दिया। फिर कोशिश करें।',
    noMicrophone: 'कोई माइक्रोफ़ोन नहीं है।',
    failed: 'ब्राउज़र की आवाज़ सेवा से अभी संपर्क नहीं हो पा रहा है।',
  },
  followUps: 'आप आगे पूछ सकते हैं',
  nearest: 'शायद इनमें से कोई सवाल मदद करे:',
}

/** Hindi words of the ways to a person. */
export const contact: ContactStrings = {
  title: 'किसी व्यक्ति से बात करें',
  lead: 'क्या आप किसी व्यक्ति से पूछना चाहेंगे?',
  email: 'ईमेल',
  phone: 'टेलीफ़ोन',
  page: 'संपर्क पेज',
  newTab: 'नए टैब में खुलता है',
  write: 'संदेश लिखें',
  form: {
    message: 'आपका संदेश',
    email: 'आपका ईमेल पता',
    consent: 'मुझे जवाब देने के लिए आप मेरा संदेश और मेरा ईमेल पता रख सकते हैं।',
    privacy: 'निजता',
    send: 'संदेश भेजें',
    close: 'फ़ॉर्म बंद करें',
    sending: 'भेजा जा रहा है…',
    noMessage: 'अपना संदेश लिखें।',
    tooLong: (over, limit) =>
      `संदेश ${count(over, { one: '# अक्षर', other: '# अक्षर' })} ज़्यादा लंबा है: ${number(limit)} तक लिखे जा सकते हैं।`,
    badMessage: 'यह संदेश स्वीकार नहीं हुआ। कृपया इसे बदलें।',
    noEmail: 'अपना ईमेल पता लिखें, ताकि हम जवाब दे सकें।',
    badEmail: 'एक ही ईमेल पता लिखें, जैसे name@example.com।',
    noConsent: 'इस पर निशान लगाएँ, ताकि हम आपका संदेश रख सकें और जवाब दे सकें।',
    unsent: (sentence) => `आपका संदेश नहीं भेजा गया। आपने जो लिखा, वह यहाँ सुरक्षित है। ${sentence}`,
    tooMany: 'थोड़े समय में बहुत सारे संदेश आए।',
    closed: 'अभी यहाँ संदेश नहीं लिए जा रहे हैं। कृपया बाद में फिर कोशिश करें।',
  },
  sent: (email) => `आपका संदेश भेज दिया गया है। जवाब ${email} पर आएगा।`,
}
