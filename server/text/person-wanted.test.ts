import { describe, expect, it } from 'vitest'
import { cpuTimeOf } from '../testing/growth.ts'
import { wantsPerson } from './person-wanted.ts'

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim())

const WISHES = {
  en: lines(`
    I want to talk to a person
    can I speak to an agent please
    let me talk to a real human
    human pls
    agent
    speak to someone
    Can I talk to somebody from your team about my order?
    I'd rather speak with a human being, thanks
    How do I reach a real person?
    How can I talk to a person?
    connect me to customer service
    Could you please put me through to a member of staff
    get me a manager!!
    Representative.
    i need human help
    live agent
    Is there anyone there?
    Is there a human I can talk to?
    I don't want to talk to a bot
    Please call me back
    can i tlak to a persn
    I want to speek to a humann
    REAL PERSON PLEASEEEE
    My monstera arrived broken and nobody answers my mails. I want to talk to someone in your shop!
    Hello, I have a problem with my delivery, can I chat with a customer service representative?
    no more bots
    would it be possible to speak with someone in charge?
    transfer to agent
    my parcel is lost i want to speak to a human
    I'd like to get in touch with a real person
    can a human help me with this?
    is it possible to have a chat with one of your staff members
    I would like to talk to a human
    Talk to a person
    talk to agent
    speak to human
    chat with a real person please
    i wanna talk to someone
    Can you connect me with a human agent?
    please transfer me to a live person
    I need to talk to customer support
    Is it possible to speak to someone?
    I want a human
    I want to speak to your manager
    operator
    customer service please
    Is anybody there?
    Can I get a human?
    May I speak with a representative?
    I need someone to talk to
    give me a human
    hand me over to a human
    I'd prefer to talk to a human
    who can I talk to here, I need a person
    Could someone call me back please?
    can i have a human please
    I need to speak with someone about a refund
    get me out of this bot, I want a person
    stop the bot
    i want to contact a human being
    how can i get in touch with a real person
    could I talk to the shop owner?
    Put me through to an operator
    I want to chat with a person, not a bot
    Are there any humans here?
    I want to speak to someone in German
    Can I please speak to someone?
    i need assistance from a human
    no bot please
    any chance of talking to a human?
    need a human
    want to talk to human
    talk to human
    humans only please
    support agent
    I demand to speak with a supervisor
    I want to speak with a person please
    Can you transfer me to a human?
    Hi! Could I speak to a member of your team?
    I would rather talk to a person than a machine
    is there a real person I can chat with?
    speak with agent
    talk to support
    human agent please
    can i talk to a real person plz
    Let me speak to a manager
    I'm looking for a human to talk to
    Can I talk to a human instead?
    Is there somebody I could speak to about a damaged plant?
    Please connect me to an agent.
    get me someone
    can someone from the shop contact me?
    i want to tlk to a person
    I want to speak to a representitive
    agnet
    operater please
    Can I have a call back?
    I need to speak to a person urgently
    Who can I speak to?
    Speak to a person
    Do you have a live agent?
    this is useless, give me a human
    you are not helping. let me talk to someone
    Can I be connected to a person
  `),
  de: lines(`
    Kann ich mit einem Mitarbeiter sprechen?
    Ich möchte mit einem Menschen reden
    ich will mit einer echten Person sprechen
    Mitarbeiter bitte
    Mensch
    Verbinden Sie mich bitte mit dem Kundenservice
    Könnten Sie mich mit einem Berater verbinden?
    mit jemandem sprechen
    Ich würde gerne mit jemandem aus Ihrem Team sprechen
    Wie kann ich mit einem echten Menschen sprechen?
    Ich brauche einen Ansprechpartner
    Gibt es hier einen echten Menschen?
    Ist da jemand?
    Ich will nicht mit einem Bot reden
    Bitte rufen Sie mich zurück
    kann ich mit nem mitarbieter reden
    Hallo, meine Lieferung ist kaputt, ich möchte bitte mit einem Mitarbeiter sprechen.
    Ich möchte mit jemandem über meine Bestellung sprechen
    Kundenservice!
    Besteht die Möglichkeit, mit einem Menschen zu sprechen?
    kann ich bitte mit einem menschen chatten
    Kann ich mit jemandem sprechen?
    Ich möchte mit einem Kundenberater chatten
    Ich hätte gern einen menschlichen Ansprechpartner
    Echter Mensch bitte
    Gib mir einen Menschen
    Kann mich jemand anrufen?
    Mit einem Menschen sprechen
    kann ich mit einer person sprechen
    bitte mitarbeiter
    Ich möchte einen Mitarbeiter sprechen
    Ich will mit dem Chef sprechen
    Ich brauche menschliche Hilfe
    Holen Sie mir bitte einen Mitarbeiter
    ich will mit einem menschen schreiben
    Weiterleiten an einen Mitarbeiter bitte
    Könnte ich bitte mit jemandem vom Kundendienst sprechen?
    Kann ich einen Mitarbeiter sprechen?
    Wo kann ich mit einem Mitarbeiter sprechen?
    einen Menschen bitte
    Ich muss mit einem Menschen sprechen!
    Kann ich bitte mit einem echten Menschen sprechen
    Ich möchte mit einem Mitarbeitenden sprechen
    verbinde mich mit einem menschen
    Ich möchte gerne persönlich mit jemandem sprechen
    Darf ich mit Ihrem Chef sprechen?
    Menschlicher Support bitte
    Gibt es jemanden, mit dem ich sprechen kann?
    Ich möchte zu einem Mitarbeiter durchgestellt werden
    Könnt ihr mich mit einem Mitarbeiter verbinden?
    agent bitte
    mit mitarbeiter chatten
    Ich will einen Menschen sprechen
    Das hilft mir nicht. Ich möchte jemanden sprechen.
  `),
  fr: lines(`
    Je veux parler à un conseiller
    parler à un conseiller
    Puis-je parler à une vraie personne ?
    Je voudrais parler à quelqu’un
    un humain svp
    agent
    Pouvez-vous me mettre en relation avec le service client ?
    J’aimerais discuter avec un être humain
    Est-ce que je peux parler à quelqu'un de votre équipe ?
    passez-moi un responsable
    Comment puis-je parler à un humain ?
    J’ai besoin d’un vrai conseiller
    Je ne veux pas parler à un robot
    service client
    Y a-t-il quelqu’un ?
    Rappelez-moi s’il vous plaît
    Bonjour, ma commande est perdue, je souhaite parler à une personne réelle.
    je ve parler a une persone
    Est-il possible de parler à un employé ?
    conseiller svp
    je veux joindre un conseiller
    Je souhaite parler avec un conseiller
    Je voudrais être mis en relation avec un agent
    Pourrais-je parler à un être humain s'il vous plaît ?
    je veux un humain
    je veux parler à un humain
    parler à quelqu'un
    Est-ce que quelqu’un peut me rappeler ?
    contacter un conseiller
    Mettez-moi en contact avec un humain
    Passez-moi quelqu’un
    J'ai besoin de parler à quelqu'un
    je préfère parler à une personne
    y a-t-il un humain ?
    un vrai conseiller svp
    conseiller clientèle
    je peux parler à qqn ?
    J’aimerais parler avec une personne
    est-il possible de discuter avec un conseiller ?
    je veux parler a quelqun
    Je voudrais parler à un responsable s'il vous plaît
    transférez-moi à un agent
    Parler à une personne réelle
    Puis-je avoir un conseiller ?
    Un humain s'il vous plaît
    Pouvez-vous me passer un conseiller
    je souhaite contacter un conseiller
    Je voudrais parler à un vendeur
    besoin d'un humain
    je peux avoir un humain ?
    Connectez-moi à un agent
    Je veux pas parler à un robot
  `),
  es: lines(`
    quiero hablar con una persona
    ¿Puedo hablar con un agente?
    Quisiera hablar con alguien de su equipo
    humano por favor
    agente
    persona real
    Páseme con un representante
    ¿Me puede comunicar con atención al cliente?
    necesito hablar con una persona real
    ¿Cómo puedo hablar con un humano?
    ¿Hay alguien ahí?
    No quiero hablar con un robot
    Quiero que me llamen
    Me gustaría chatear con un asesor
    Déjeme hablar con el encargado
    quiero ablar con una presona
    Hola, mi pedido llegó roto. Quiero hablar con alguien sobre mi pedido
    atención al cliente
    ¿Es posible hablar con un empleado?
    quiero un humano
    hablar con alguien
    Quiero hablar con alguien
    necesito un agente
    necesito ayuda de una persona
    ¿Podría hablar con un representante, por favor?
    Comuníqueme con un asesor
    pásame con un humano
    quiero hablar con un ser humano
    hablar con agente
    ¿Hay una persona real con quien hablar?
    Quiero hablar con el gerente
    una persona por favor
    Prefiero hablar con una persona
    ¿Puede llamarme alguien?
    no quiero hablar con una máquina
    ¿Me pueden pasar con una persona?
    quiero contactar con una persona
    quiero que me atienda una persona
    Quisiera hablar con un agente humano
    ¿puedo hablar con una persona real por favor?
    Necesito hablar con alguien
    quiero hablar con un operador
    Conéctame con un agente
    Me gustaría hablar con una persona
    ¿Hay alguien con quien pueda hablar?
    hablar con una persona real
    un agente por favor
    deseo comunicarme con un asesor
    páseme con una persona
    transfiérame a un agente
    quiero hablar con un responsable de la tienda
    ¿Me pueden llamar?
    quiero hablar con soporte
  `),
  hi: lines(`
    मुझे किसी इंसान से बात करनी है
    क्या मैं किसी एजेंट से बात कर सकता हूँ?
    मैं किसी व्यक्ति से बात करना चाहती हूँ
    एजेंट
    इंसान चाहिए
    कृपया मुझे ग्राहक सेवा से जोड़ें
    किसी से बात करनी है
    मुझे असली इंसान से बात करवाइए
    क्या आपकी टीम से बात हो सकती है?
    मुझे अपने ऑर्डर के बारे में किसी प्रतिनिधि से बात करनी है
    मुझे बॉट से बात नहीं करनी
    मानव सहायता चाहिए
    कस्टमर केयर से बात कराओ
    किसी कर्मचारी से संपर्क करना है
    क्या यहाँ कोई इंसान है?
    मुझे वापस कॉल करें
    kisi insaan se baat karni hai
    kya main kisi agent se baat kar sakta hoon
    mujhe customer care se baat karni hai
    मैं मैनेजर से बात करना चाहता हूँ
    मैं एक असली व्यक्ति से बात करना चाहता हूँ
    मुझे एजेंट से बात करनी है
    एजेंट से बात कराएं
    किसी इंसान से बात कराइए
    मुझे कस्टमर केयर से बात करनी है
    क्या कोई इंसान है वहाँ?
    मुझे किसी से बात करनी है
    मैनेजर से बात कराओ
    कृपया मुझे किसी प्रतिनिधि से जोड़ दीजिए
    इंसान से बात करनी है
    क्या मैं किसी से बात कर सकती हूं
    ग्राहक सेवा प्रतिनिधि
    मुझे इंसान चाहिए बॉट नहीं
    mujhe kisi se baat karni hai
    agent se baat karao
    insaan chahiye
    मैं किसी इंसान से बात करना चाहता हूं
    मुझे मानव एजेंट से बात करनी है
    किसी व्यक्ति से बात करवाएं
    क्या मैं किसी व्यक्ति से बात कर सकता हूँ?
    कृपया एजेंट से कनेक्ट करें
    मुझे सपोर्ट टीम से बात करनी है
    कोई है?
    किसी से बात करा दो
    असली आदमी से बात करनी है
    क्या कोई व्यक्ति मेरी मदद कर सकता है?
    मुझे एक एजेंट चाहिए
    दुकान के मालिक से बात करनी है
    आपके किसी कर्मचारी से बात हो सकती है?
    kisi aadmi se baat karao
    mujhe agent chahiye
    main human se baat karna chahta hu
  `),
  ja: lines(`
    人と話したい
    オペレーターにつないで
    人間と話したいです
    担当者と話せますか？
    オペレーターにつないでください。
    スタッフとお話ししたいのですが
    有人対応お願いします
    オペレーター
    担当の方に代わってください
    誰かと話したい
    生身の人間と話させてください
    カスタマーサービスにつないでもらえますか
    店員さんと話したいです
    注文についてスタッフに相談したいです
    人に代わって
    誰かいますか？
    ロボットとは話したくない
    電話してください
    担当者をお願いします
    すみません、人間のオペレーターを希望します
    サポートの人と話すことはできますか
    人間のオペレーターと話したいです
    人と話せますか
    担当者につないでください
    サポート担当者と話がしたい
    オペレーターお願いします
    オペレーターに代わってもらえますか
    誰かと話せませんか？
    店長と話したい
    電話で人と話したいです
    人間に繋いでください
    直接スタッフの方と話したいのですが
    有人チャットに切り替えてください
    ボットではなく人と話したい
    カスタマーサポートと話したい
    人間に対応してほしい
    お店の人に連絡したい
    担当者を呼んでください
    人間を出して
    人と話がしたい
    人と話したいんですが
    人間の担当者と話したい
    オペレーターと話せますか?
    オペレーターを呼んでください
    担当者と直接話したい
    スタッフに代わってください
    誰か人と話せますか
    人間に代わってください
    サポートに連絡したい
    オペレーターに繋いで
    店員と話すにはどうすればいいですか
    担当者と電話で話したい
    本物の人間と話したい
    人と直接やり取りしたい
    エージェントにつないで
    責任者を出してください
    有人サポートをお願いします
  `),
  ar: lines(`
    أريد التحدث إلى شخص
    أريد التحدث إلى موظف
    هل يمكنني التحدث مع موظف؟
    أريد أن أتكلم مع إنسان حقيقي
    موظف من فضلك
    خدمة العملاء
    حولني إلى موظف
    ممكن أكلم حد
    ابغى اكلم موظف
    بدي احكي مع شخص
    عايز اتكلم مع خدمة العملاء
    هل يوجد شخص حقيقي هنا؟
    لا أريد التحدث مع روبوت
    كيف يمكنني التحدث إلى شخص حقيقي؟
    أرغب في التواصل مع أحد الموظفين
    وصلني بموظف
    أحتاج إلى التحدث مع شخص بخصوص طلبي
    اتصلوا بي من فضلكم
    هل يمكن التحدث مع المدير؟
    إنسان
    مرحبا، طلبي لم يصل، أريد التحدث مع أحد
    أريد أن أتحدث مع شخص حقيقي
    أريد موظف
    أود التحدث مع خدمة العملاء
    هل يمكنني التحدث إلى شخص ما؟
    ممكن اتكلم مع موظف
    ابي اكلم احد
    اريد التكلم مع انسان
    أوصلني بخدمة العملاء
    تحويل إلى موظف
    ممكن احد يكلمني
    هل هناك أحد؟
    أحتاج مساعدة من شخص حقيقي
    ممثل خدمة العملاء
    محتاج اكلم حد من فضلك
    اريد محادثة موظف
    هل من الممكن أن أتحدث مع المسؤول؟
    لا أريد التحدث إلى آلة
    كلموني
    عايزة أكلم خدمة العملاء
    أريد التواصل مع موظف
    أريد التحدث إلى إنسان
    أريد التكلم مع شخص
    أريد أن أتحدث إلى موظف خدمة العملاء
    هل يمكنني التحدث مع شخص حقيقي من فضلك
    ممكن أتواصل مع موظف؟
    كلمني مع موظف
    أبغى موظف
    وصلوني مع خدمة العملاء
    عاوز اكلم انسان
    هل يمكنك تحويلي إلى موظف؟
    أفضل التحدث مع إنسان
    شخص حقيقي من فضلك
    أريد شخصا حقيقيا
    بدي حدا يساعدني
    أود أن أتواصل مع أحد من فريقكم
    التحدث مع موظف
    ممكن تحولني لموظف
    اريد التواصل مع الدعم
  `),
} satisfies Readonly<Record<string, readonly string[]>>

const QUESTIONS = {
  en: lines(`
    Who is the contact person for returns in the shop's documents?
    how do I talk to a person in Japanese?
    How do I talk to someone about their feelings?
    Can I talk to my plants?
    Is the cactus safe for a person with asthma?
    What is a user agent?
    Can the chat hand over to a human?
    What happens when I ask for a human?
    How many people work in your shop?
    Are you a human?
    Am I talking to a real person?
    What are your opening hours?
    How do I contact customer service?
    Do you have a phone number?
    I need a person to water my plants while I am away
    Can someone help me choose a plant?
    How do I connect an agent to the widget?
    What does a customer service agent earn?
    Call me Anna
    human resources
    I need a plant for a person who forgets to water
    Which plant is best for someone who travels a lot?
    How do I add a contact form for my visitors?
    When I want to talk to a human, what happens?
    How do I say "I want to talk to a person" in German?
    What does "speak to an agent" mean?
    Where do I find the settings for human handoff?
    Can visitors talk to a person?
    How can my visitors speak to a human agent?
    Which languages does your staff speak?
    Is your customer service open on Sunday?
    What is the phone number of customer service?
    Can I talk to you about returns?
    Can someone explain how to repot a fern?
    I want to talk about my order
    I need an agent for cleaning leaves
    a plant for a person with allergies
    Is it safe for humans?
    Is this plant person friendly?
    Does the manager recommend the monstera?
    Can I contact you by email?
    How can I contact you?
    How do I write a message to the team in Slack?
    I'd like to speak Japanese with my plants
    Do real people answer the chat?
    Who are you?
    Can I order by phone?
    Do you have a representative sample of soils?
    What is a live chat?
    how does the live agent feature work
    person of the year
    Who is the person in charge of returns?
    How do I talk to people?
    How do I connect my website to the agent?
    Which agent kills aphids?
    Is there a person responsible for data protection?
    Can a person be allergic to ferns?
    Does anyone sell cactus soil?
    I need somebody to love
    Can I speak to the chat in Hindi?
    Do you deliver to a representative office?
    Who is the operator of this website?
    Can I call the shop on Sundays?
    Can I get a monstera?
    Can I have a cactus please
    I want to talk to customers with this widget
    I'd like to connect the widget to my server
    How do I let visitors talk to a human?
    Does the element show an agent avatar?
    How to reach the settings?
    What does an agent cost?
    support hours
    return policy
    Is someone at the shop on Saturday?
    How do I get in touch with you?
    What is the manager's name?
  `),
  de: lines(`
    Wer ist der Ansprechpartner für Rücksendungen?
    Wie spricht man auf Japanisch mit einem Menschen?
    Kann ich mit meinen Pflanzen sprechen?
    Wie viele Mitarbeiter haben Sie?
    Ist die Pflanze giftig für Menschen?
    Was macht ein Mitarbeiter im Kundenservice?
    Kann der Chat an einen Mitarbeiter übergeben?
    Sind Sie ein Mensch?
    Spreche ich mit einem Menschen?
    Gibt es eine Pflanze für jemanden, der wenig Zeit hat?
    Wann ist der Kundenservice erreichbar?
    Welche Pflanze eignet sich für eine Person mit Allergie?
    Wer ist für Rücksendungen zuständig?
    Was kostet ein Fachberater?
    Wie erreiche ich den Kundenservice?
    Kann ich Sie anrufen?
    Ich möchte über meine Bestellung sprechen
    Gibt es einen Chat mit Menschen?
    Ich suche eine Pflanze für eine ältere Person
    Wie sagt man „Ich möchte mit einem Menschen sprechen“ auf Englisch?
    Ich möchte mit meiner Pflanze reden
    Wer ist Betreiber der Website?
    Wann ist jemand im Laden?
    Gibt es Pflanzen für Menschen mit Allergien?
    Wie kontaktiere ich den Shop?
    Was bedeutet Agent?
    Wie lasse ich Besucher mit einem Mitarbeiter sprechen?
    Kann ich im Laden bezahlen?
    Kann ich eine Monstera haben?
  `),
  fr: lines(`
    Qui est la personne à contacter pour les retours ?
    Comment parler à une personne en japonais ?
    Puis-je parler à mes plantes ?
    Combien de personnes travaillent chez vous ?
    Êtes-vous un humain ?
    Est-ce que je parle à un humain ?
    La plante est-elle toxique pour l’être humain ?
    Que fait un agent immobilier ?
    Le chat peut-il passer la main à un conseiller ?
    Quels sont les horaires du service client ?
    Quelle plante pour une personne qui voyage beaucoup ?
    Comment se dit « personne » en japonais ?
    Comment contacter le service client ?
    Puis-je vous appeler ?
    Je cherche une plante pour une personne allergique
    Comment dit-on « je veux parler à un humain » en anglais ?
    Le service client est-il ouvert le dimanche ?
    Je veux parler de ma commande
    Quel est le numéro du service client ?
    Quelle personne gère les retours ?
    Comment vous contacter ?
    Je veux une plante pour ma mère
    Puis-je avoir une facture ?
    je veux un cactus
    Combien coûte un conseiller ?
    quelles sont les heures d'ouverture
  `),
  es: lines(`
    ¿Quién es la persona de contacto para las devoluciones?
    ¿Cómo se habla con una persona en japonés?
    ¿Puedo hablar con mis plantas?
    ¿Cuántas personas trabajan en la tienda?
    ¿Eres humano?
    ¿Estoy hablando con una persona?
    ¿Es tóxica para las personas?
    ¿Qué hace un agente inmobiliario?
    ¿Puede el chat pasar a un agente?
    ¿Qué horario tiene atención al cliente?
    ¿Qué planta es buena para una persona mayor?
    Necesito una planta para alguien que viaja mucho
    ¿Cómo se dice «quiero hablar con una persona» en inglés?
    ¿Cuál es el teléfono de atención al cliente?
    Busco una planta para una persona alérgica
    Quiero hablar de mi pedido
    ¿Cómo contacto con la tienda?
    ¿Puedo llamarles?
    ¿Trabajan personas reales en el chat?
    ¿Quién gestiona las devoluciones?
    Quiero una monstera
    ¿Puedo hablar con el chat en inglés?
    ¿Cómo puedo contactarles?
    necesito tierra para cactus
    horario de la tienda
  `),
  hi: lines(`
    वापसी के लिए संपर्क व्यक्ति कौन है?
    जापानी में किसी व्यक्ति से कैसे बात करें?
    क्या मैं अपने पौधों से बात कर सकता हूँ?
    क्या यह पौधा इंसानों के लिए सुरक्षित है?
    आपकी दुकान में कितने लोग काम करते हैं?
    क्या आप इंसान हैं?
    एजेंट क्या होता है?
    दुकान कब खुलती है?
    ग्राहक सेवा का समय क्या है?
    क्या चैट किसी एजेंट को सौंप सकता है?
    बुज़ुर्ग व्यक्ति के लिए कौन सा पौधा अच्छा है?
    आपका फ़ोन नंबर क्या है?
    "मुझे इंसान से बात करनी है" को अंग्रेज़ी में क्या कहते हैं?
    ग्राहक सेवा का नंबर क्या है?
    मैं अपने ऑर्डर के बारे में जानना चाहता हूँ
    क्या पौधे इंसान की आवाज़ सुनते हैं?
    किसी बीमार व्यक्ति को कौन सा पौधा दें?
    दुकान का पता क्या है?
    मुझे एक पौधा चाहिए
    क्या आप हिंदी में बात कर सकते हैं?
    वापसी कैसे करें?
    मैनेजर का नाम क्या है?
    मुझे पौधे के बारे में बात करनी है
  `),
  ja: lines(`
    返品の担当者は誰ですか？
    日本語で人と話すにはどう言いますか？
    植物と話したい
    人に優しい植物はありますか？
    スタッフは何人いますか？
    あなたは人間ですか？
    オペレーターの仕事は何ですか？
    営業時間を教えてください
    カスタマーサービスの電話番号は何番ですか？
    この植物は人間に有毒ですか？
    忙しい人におすすめの植物は？
    チャットは担当者に引き継げますか？
    「人と話したい」は英語で何と言いますか？
    人間の手より大きい葉の植物は？
    スタッフのおすすめは何ですか
    オペレーターになるには
    お店の電話番号は？
    注文について聞きたい
    返品したいのですが
    お問い合わせ先を教えてください
    サボテンが欲しい
    人気の植物は何ですか
    日本語で話せますか
    担当者の名前は何ですか
    返品をお願いします
    電話番号を教えてください
    商品を代わりに送れますか
  `),
  ar: lines(`
    من هو الشخص المسؤول عن المرتجعات؟
    كيف أتحدث إلى شخص باليابانية؟
    هل يمكنني التحدث إلى نباتاتي؟
    كم عدد الموظفين في المتجر؟
    هل أنت إنسان؟
    هل أتحدث مع شخص حقيقي؟
    هل هذا النبات سام للإنسان؟
    ما هو عمل خدمة العملاء؟
    ما هي ساعات عمل خدمة العملاء؟
    ما النبات المناسب لشخص كثير السفر؟
    هل يستطيع الشات تحويل المحادثة إلى موظف؟
    ما هو وكيل المستخدم؟
    ما معنى "أريد التحدث إلى شخص" بالإنجليزية؟
    ما رقم خدمة العملاء؟
    أريد التحدث عن طلبي
    هل يمكنني الاتصال بكم؟
    أبحث عن نبات لشخص مريض
    من هو مدير المتجر؟
    هل يتحدث الموظفون الألمانية؟
    ما اسم المدير؟
    أريد نبتة
    كيف أتواصل معكم؟
    هل تتحدث العربية؟
    أريد إرجاع طلبي
    ما هي سياسة الإرجاع؟
  `),
} satisfies Readonly<Record<string, readonly string[]>>

describe('a wish for a human', () => {
  it.each(Object.entries(WISHES))('is told in %s', (_, wishes) => {
    expect(wishes.filter((wish) => !wantsPerson(wish))).toEqual([])
  })

  it.each(Object.entries(QUESTIONS))('is not told from a question in %s', (_, questions) => {
    expect(questions.filter((question) => wantsPerson(question))).toEqual([])
  })

  it('takes no time that counts to tell, whatever is said over and over', () => {
    const sayings = new Set([
      ...Object.values(WISHES)
        .flat()
        .flatMap((text) => text.split(/[\s،。、,.!?¿¡]+/)),
      ...['यहाँ', 'प्लीज', 'सिर्फ', 'सर प्लीज', 'bitte', 'mal eben', 'يا اخي', 'señorita'],
    ])
    sayings.delete('')
    for (const wishes of Object.values(WISHES)) wishes.forEach(wantsPerson)
    const insisting = (saying: string) =>
      `${`${saying} `.repeat(130).slice(0, 130).trim()} q. `.repeat(7)
    // A question is answered in less than that; what matches in two ways takes seconds.
    const slow = [...sayings].filter(
      (saying) => cpuTimeOf(() => wantsPerson(insisting(saying))) > 50,
    )
    expect(slow).toEqual([])
  })
})
