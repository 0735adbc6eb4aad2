import { formatsIn } from './formats.ts'
import { listIn, monthsIn, sizesIn } from './late-formats.ts'
import type { Catalogue, FileKinds } from './strings.ts'

/** With the digits that code, links and commands have, so that a text never mixes two kinds. */
const LANGUAGE = 'ar-u-nu-latn'

const { number, count } = formatsIn(LANGUAGE)

/** A time to wait, in the case that follows “after”, which Intl has no forms for. */
function duration(seconds: number): string {
  if (seconds < 90) {
    return count(seconds, {
      one: 'ثانية واحدة',
      two: 'ثانيتين',
      few: '# ثوانٍ',
      other: '# ثانية',
    })
  }
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 90) {
    return count(minutes, { two: 'دقيقتين', few: '# دقائق', other: '# دقيقة' })
  }
  const hours = Math.ceil(minutes / 60)
  return count(hours, { two: 'ساعتين', few: '# ساعات', other: '# ساعة' })
}

const conversations = (amount: number) =>
  count(amount, {
    one: 'محادثة واحدة',
    two: 'محادثتين',
    few: '# محادثات',
    many: '# محادثة',
    other: '# محادثة',
  })

const characters = (amount: number) =>
  count(amount, {
    one: 'حرف واحد',
    two: 'حرفان',
    few: '# أحرف',
    many: '# حرفًا',
    other: '# حرف',
  })

const elapsed = (seconds: number) =>
  seconds < 60 ? `${seconds} ث` : `${Math.floor(seconds / 60)} د ${seconds % 60} ث`

const kindsIn = ({ images, text, pdf }: FileKinds) =>
  listIn('ar', [images && 'صور (PNG وJPEG وGIF وWebP)', text && 'ملفات نصية', pdf && 'PDF'])

const files = (amount: number) =>
  count(amount, {
    one: 'ملف واحد',
    two: 'ملفان',
    few: '# ملفات',
    many: '# ملفًا',
    other: '# ملف',
  })

/** Arabic. */
export const ar: Catalogue = {
  language: 'ar',
  direction: 'rtl',
  heading: 'الدردشة',
  launcher: { open: 'فتح الدردشة', close: 'إغلاق الدردشة' },
  unread: (amount) =>
    count(amount, {
      zero: 'لا رسائل جديدة',
      one: 'رسالة جديدة واحدة',
      two: 'رسالتان جديدتان',
      few: '# رسائل جديدة',
      many: '# رسالة جديدة',
      other: '# رسالة جديدة',
    }),
  newConversation: 'محادثة جديدة',
  sound: { mute: 'كتم الصوت', unmute: 'تشغيل الصوت' },
  disclosure: {
    ai: 'أنت تتحدث مع آلة، وقد تخطئ في إجاباتها.',
    privacy: 'الخصوصية',
  },
  size: { enlarge: 'تكبير النافذة', reduce: 'تصغير النافذة' },
  close: 'إغلاق',
  messages: 'الرسائل',
  you: 'رسالتك',
  assistant: 'الإجابة',
  greeting: 'مرحبًا! كيف يمكنني مساعدتك؟',
  starters: 'اقتراحات',
  jump: 'الانتقال إلى الأحدث',
  newText: 'نص جديد في الأسفل',
  earlier: {
    more: 'رسائل أقدم',
    loading: 'يجري تحميل الرسائل الأقدم…',
    failed: 'تعذّر تحميل الرسائل الأقدم. أعد المحاولة',
  },
  transcript: { download: 'تنزيل هذه المحادثة', print: 'طباعة…' },
  loading: 'يجري تحميل المحادثة…',
  composer: {
    label: 'الرسالة',
    placeholder: 'اسأل عن أي شيء…',
    send: 'إرسال',
    stop: 'إيقاف',
    think: 'تفكير',
    thinkHint: 'التفكير خطوة بخطوة قبل الإجابة',
    search: 'بحث',
    searchHint: 'البحث في الويب قبل الإجابة',
    addFiles: 'إضافة ملفات',
    unread: 'ما زالت قراءة الملفات جارية.',
    dictate: 'إملاء الرسالة بصوتك',
    empty: 'اكتب رسالة أولًا.',
    left: (amount) => `المتبقي: ${characters(amount)}`,
    tooLong: (over, limit) =>
      `الزيادة: ${characters(over)}. الحد الأقصى للرسالة ${number(limit)}. اختصرها أو أرسلها على أجزاء.`,
  },
  actions: {
    copy: 'نسخ',
    copied: 'تم النسخ',
    regenerate: 'إجابة أخرى',
    tryAgain: 'أعد المحاولة',
    edit: 'تعديل',
  },
  editor: {
    label: 'تعديل الرسالة',
    cancel: 'إلغاء',
    replaces: 'إرسالها يستبدل كل ما بعدها.',
    unchanged: 'غيّر النص لإرساله.',
    empty: 'اكتب شيئًا لإرساله.',
    busy: 'انتظر الإجابة أو أوقفها.',
  },
  ratings: { up: 'إجابة جيدة', down: 'إجابة سيئة' },
  feedback: {
    rated: 'تم التقييم. يمكنك إضافة تعليق.',
    commentUp: 'ما الذي أعجبك فيها؟ (اختياري)',
    commentDown: 'ما الخطأ فيها؟ (اختياري)',
    skip: 'تخطّي',
    tooLong: (over, limit) => `الزيادة: ${characters(over)}. الحد الأقصى للتعليق ${number(limit)}.`,
    thanks: 'شكرًا على رأيك.',
    failed: (sentence) => `لم يُحفظ رأيك. ${sentence}`,
  },
  waiting: {
    sending: 'يجري الإرسال…',
    thinking: 'يفكّر…',
    searching: 'يبحث…',
    writing: 'يكتب الإجابة…',
    reading: (name) => (name === '' ? 'يقرأ…' : `يقرأ ${name}…`),
    readSoFar: (done, total) => `${number(done)} من ${number(total)}`,
  },
  notes: {
    stopped: 'تم الإيقاف',
    length: 'بلغت الإجابة حدّها الأقصى من الطول.',
    filtered: 'حجب مرشّح المحتوى هذه الإجابة.',
    interrupted: 'انقطعت',
    unsent: 'لم تُرسل',
    editUnsent: 'لم يُرسل التعديل',
    offline: 'ستُرسل عند عودة اتصالك بالإنترنت',
  },
  turns: {
    queue: 'رسائل في الانتظار',
    waitsForAnswer: 'ستُرسل عند انتهاء الإجابة',
    waitsForVisitor: 'لم تُرسل بعد',
    sendNow: 'أرسل الآن',
    takeBack: 'استرجاع',
    unanswered: 'لا توجد إجابة',
    goOn: 'متابعة',
  },
  conversations: 'المحادثات',
  drawer: {
    close: 'إغلاق القائمة',
    search: 'البحث في المحادثات',
    clear: 'مسح البحث',
    today: 'اليوم',
    yesterday: 'أمس',
    week: 'آخر 7 أيام',
    month: monthsIn(LANGUAGE),
    loading: 'يجري التحميل…',
    empty: 'ستظهر محادثاتك هنا.',
    nothing: (query) => `لا نتائج عن «${query}».`,
    found: (amount, more) => `تم العثور على ${conversations(amount)}${more ? ' أو أكثر' : ''}.`,
    download: (title) => `تنزيل «${title}»`,
    preparing: 'يجري إعداد الملف…',
    downloaded: 'تم تنزيل الملف.',
    rename: (title) => `إعادة تسمية «${title}»`,
    title: 'العنوان',
    remove: (title) => `حذف «${title}»`,
    removed: (title) => `تم حذف «${title}»`,
    removedMany: (amount) => `تم حذف ${conversations(amount)}.`,
    undo: 'تراجع',
    restored: 'تم التراجع عن الحذف.',
    signOut: 'تسجيل الخروج',
    notRenamed: (sentence) => `لم يُحفظ العنوان. ${sentence}`,
    notRemoved: (title, sentence) => `لم تُحذف «${title}». ${sentence}`,
    notDownloaded: (title, sentence) => `لم يتم تنزيل «${title}». ${sentence}`,
    tooLong: 'المحادثة أطول من أن يتسع لها هذا التنسيق. يُرجى اختيار Markdown أو JSON.',
  },
  account: {
    signIn: 'تسجيل الدخول',
    username: 'اسم المستخدم',
    password: 'كلمة المرور',
    show: 'إظهار كلمة المرور',
    hide: 'إخفاء كلمة المرور',
    signingIn: 'جارٍ تسجيل الدخول…',
    again: 'يُرجى تسجيل الدخول مرة أخرى.',
    waits: 'ستُرسَل رسالتك فور تسجيل دخولك.',
    operator: 'يمنح الحساباتِ القائمون على هذه الدردشة.',
    incomplete: 'أدخل اسم المستخدم وكلمة المرور.',
    wrong: 'اسم المستخدم أو كلمة المرور غير صحيح.',
    tooMany: 'هذه محاولات كثيرة جدًا.',
    noAccounts: 'لا حسابات في هذه الدردشة.',
  },
  banner: {
    offline: 'أنت غير متصل. رسائلك محفوظة هنا.',
    reconnecting: 'انقطع الاتصال. تجري إعادة الاتصال…',
  },
  hints: {
    gone: 'لم تعد تلك المحادثة موجودة. نصّك ما زال هنا؛ أرسله لبدء محادثة جديدة.',
    busy: 'تجري الإجابة عن هذه المحادثة في نافذة أخرى. نصّك ما زال هنا؛ أرسله بعد ذلك.',
    running: 'ما زالت إجابة تُكتب هنا. أعد المحاولة عندما تكتمل.',
    changed: 'عُدّلت تلك الرسالة في نافذة أخرى. نصّك ما زال هنا؛ أرسله للمتابعة من هناك.',
    replaced: 'استُبدلت تلك الإجابة في نافذة أخرى.',
    unanswered: 'لا إجابة بعد.',
    unstopped: 'تعذّر إيقاف الإجابة. أعد المحاولة بعد لحظات.',
    files: 'لم تُرسل رسالتك. أضف ملفاتها من جديد.',
  },
  status: { answerDone: 'اكتملت الإجابة.' },
  errors: {
    offline: 'أنت غير متصل. تحقق من اتصالك وأعد المحاولة.',
    unreachable: 'يتعذّر الوصول إلى خادم الدردشة الآن.',
    misconfigured: 'لم تُضبط هذه الدردشة كما يجب: لا يوجد خادم دردشة في عنوانها.',
    unauthorized: 'عليك تسجيل الدخول للدردشة هنا.',
    forbidden: 'لا يُسمح لك بذلك.',
    not_found: 'لم تعد تلك المحادثة موجودة.',
    conflict: 'تجري الإجابة عن هذه المحادثة بالفعل.',
    rate_limited: 'هذه رسائل كثيرة في وقت قصير.',
    budget_exhausted: 'بلغت هذه الدردشة حدّها لهذا اليوم.',
    invalid_request: 'لم يقبل الخادم هذه الرسالة.',
    malformed_json: 'لم يقبل الخادم هذه الرسالة.',
    method_not_allowed: 'خادم الدردشة لا يدعم هذا.',
    too_large: 'هذه الرسالة أكبر من أن تُرسل.',
    unsupported_media_type: 'لا يقبل الخادم هذا النوع من المحتوى.',
    unreadable_file: 'تعذّرت قراءة أحد الملفات: إنه مقفل أو تالف أو طويل جدًا أو لا يحتوي إلا على صور.',
    inference_error: 'واجه المساعد خطأ أثناء الإجابة.',
    inference_unreachable: 'يتعذّر الوصول إلى المساعد الآن.',
    inference_timeout: 'استغرق المساعد وقتًا أطول من اللازم للإجابة.',
    inference_interrupted: 'انقطعت الإجابة قبل أن تكتمل.',
    inference_misconfigured: 'لم يُضبط المساعد كما يجب بعد. يُرجى إعادة المحاولة لاحقًا.',
    inference_length: 'نفد الحدّ الأقصى للطول قبل أن تصل إجابة.',
    inference_filtered: 'حجب مرشّح المحتوى هذه الإجابة.',
    auth_unreachable: 'تسجيل الدخول لا يعمل الآن.',
    storage_unreachable: 'يتعذّر الوصول إلى المحادثات الآن.',
    interrupted: 'توقفت الإجابة قبل أن تكتمل.',
    internal: 'حدث خطأ من جانبنا.',
  },
  retryIn: (seconds) => `أعد المحاولة بعد ${duration(seconds)}`,
  answer: {
    markdown: {
      copyCode: 'نسخ',
      codeCopied: 'تم النسخ',
      codeRegion: (language) => (language === '' ? 'شيفرة' : `شيفرة، ${language}`),
      tableRegion: 'جدول',
      taskDone: 'منجز',
      taskOpen: 'غير منجز',
      image: 'صورة:',
    },
    thinking: 'يفكّر…',
    thought: 'فكّر',
    thoughtFor: (seconds) => `فكّر لمدة ${elapsed(seconds)}`,
    elapsed,
    searchingWeb: (query) => (query ? `يبحث في الويب عن «${query}»` : 'يبحث في الويب'),
    usingTool: (name) => `يستخدم ${name}`,
    unnamedTool: 'أداة',
    tools: {
      searchedWeb: (query) => (query ? `بحث في الويب عن «${query}»` : 'بحث في الويب'),
      searchingDocuments: (query) =>
        query ? `يبحث في المستندات عن «${query}»` : 'يبحث في المستندات',
      searchedDocuments: (query) => (query ? `بحث في المستندات عن «${query}»` : 'بحث في المستندات'),
      calculating: (expression) => (expression ? `يحسب ${expression}` : 'يحسب'),
      calculated: (expression) => (expression ? `حسب ${expression}` : 'أجرى الحساب'),
      usedTool: (name) => `استخدم ${name}`,
      notSearchedWeb: (query) =>
        query ? `تعذّر البحث في الويب عن «${query}»` : 'تعذّر البحث في الويب',
      notSearchedDocuments: (query) =>
        query ? `تعذّر البحث في المستندات عن «${query}»` : 'تعذّر البحث في المستندات',
      notCalculated: (expression) => (expression ? `تعذّر حساب ${expression}` : 'تعذّر إجراء الحساب'),
      notUsedTool: (name) => `تعذّر استخدام ${name}`,
      toolRunning: 'قيد التنفيذ',
      toolDone: 'تم',
      toolFailed: 'فشل',
      toolUnanswered: 'بلا نتيجة',
      wantsTool: (title) => `يريد المساعد استخدام «${title}».`,
      toolAsking: 'يحتاج إلى موافقتك',
      toolElsewhere: 'قيد التنفيذ في نافذة أخرى',
      toolWaiting: 'في انتظار الصفحة التي توفّر هذا',
      toolDenied: 'غير مسموح',
      toolRefused: {
        busy: 'هذا كثير في وقت قصير. اختر من جديد بعد لحظات.',
        failed: 'يتعذّر الوصول إلى خادم الدردشة الآن. اختر من جديد.',
      },
      allowTool: 'السماح',
      denyTool: 'عدم السماح',
      showAll: 'عرض الكل',
      toolArguments: 'المدخلات',
      toolResult: 'النتيجة',
      resultCount: (amount) =>
        count(amount, {
          zero: 'لا نتائج',
          one: 'نتيجة واحدة',
          two: 'نتيجتان',
          few: '# نتائج',
          other: '# نتيجة',
        }),
    },
    cited: {
      sources: 'المصادر',
      showSource: (source, title) => `المصدر ${source}: ${title}`,
      showPassage: (source) => `مقطع من المصدر ${source}`,
      alsoFound: 'وُجد أيضًا',
      page: (page) => `صفحة ${page}`,
      open: 'فتح',
      notFound: 'غير موجود في هذا المصدر:',
    },
  },
  extras: {
    size: sizesIn(LANGUAGE),
    files: {
      hint: (kinds, most, size) =>
        `الحد الأقصى: ${files(most)}، ${size} إجمالًا. الأنواع: ${kindsIn(kinds)}`,
      list: 'ملفات للإرسال',
      drop: 'أفلت الملفات لإضافتها',
      reading: (name) => `تجري قراءة ${name}`,
      remove: (name) => `إزالة ${name}`,
      sending: 'يجري إرسال الملفات',
      download: (name) => `تنزيل ${name}`,
      notDownloaded: (name, why) => `لم يُنزّل ${name}. ${why}`,
      needText: 'اكتب بضع كلمات مع الملفات.',
    },
    refused: {
      tooMany: (most) => `الحد الأقصى للرسالة: ${files(most)}. أزل واحدًا أولًا.`,
      tooLarge: (size) => `الحد الأقصى لملفات الرسالة ${size} إجمالًا. اختر ملفات أصغر.`,
      empty: (name) => `${name} فارغ.`,
      kind: (name, kinds) => `لم يُضف ${name}. يمكنك إضافة ${kindsIn(kinds)}.`,
      unreadable: (name) => `تعذّرت قراءة ${name}.`,
    },
    settings: {
      list: 'إعدادات الإجابات',
      temperature: (value) => `درجة الحرية ${number(value)}`,
      top_k: (value) => `top-k ${number(value)}`,
      remove: (setting) => `إزالة ${setting}`,
    },
    commands: {
      list: 'الأوامر',
      count: (amount) =>
        count(amount, {
          zero: 'لا أوامر',
          one: 'أمر واحد',
          two: 'أمران',
          few: '# أوامر',
          many: '# أمرًا',
          other: '# أمر',
        }),
      does: {
        temperature: 'مدى حرية الكتابة، من 0 إلى 2',
        topk: 'عدد الكلمات التي يُختار منها، من 1 إلى 200',
        think: 'التفكير خطوة بخطوة: on (تشغيل) أو off (إيقاف)',
        person: 'التواصل مع شخص',
        clear: 'بدء محادثة جديدة',
        help: 'عرض هذه الأوامر',
      },
      unknown: (name) => `لا يوجد أمر باسم /${name}. اكتب /help لعرضها كلها.`,
      range: (name, least, most, whole) =>
        `يأخذ /${name} عددًا${whole ? ' صحيحًا' : ''} من ${least} إلى ${most}.`,
      onOff: 'يأخذ /think «on» (تشغيل) أو «off» (إيقاف)، أو لا شيء للتبديل.',
      extra: (name) => `يُكتب /${name} وحده.`,
      isSet: (setting) => `من الآن: ${setting}.`,
      cleared: 'هذه محادثة جديدة.',
      thinks: (on) => (on ? 'التفكير مفعّل.' : 'التفكير متوقف.'),
      cannotThink: 'لا يمكن تغيير التفكير هنا.',
      slashText: 'لإرسال نص يبدأ بشرطة مائلة، اكتب شرطتين.',
    },
    voice: {
      stop: 'إيقاف الاستماع',
      heardBy: 'تحوّل خدمة الصوت في متصفحك كلامك إلى نص.',
      listening: 'يستمع…',
      denied: 'الميكروفون غير مسموح به هنا. يمكنك تغيير ذلك في إعدادات متصفحك.',
      unheard: 'لم يُسمع شيء. أعد المحاولة.',
      noMicrophone: 'لا يوجد ميكروفون.',
      failed: 'يتعذّر الوصول إلى خدمة الصوت في المتصفح الآن.',
    },
    followUps: 'يمكنك أن تسأل بعد ذلك',
    nearest: 'لعلّ أحد هذه الأسئلة يفيدك:',
  },
  contact: {
    title: 'التحدث مع شخص',
    lead: 'هل تفضّل أن تسأل شخصًا؟',
    email: 'البريد الإلكتروني',
    phone: 'الهاتف',
    page: 'صفحة الاتصال',
    newTab: 'تُفتح في علامة تبويب جديدة',
    write: 'كتابة رسالة',
    form: {
      message: 'رسالتك',
      email: 'بريدك الإلكتروني',
      consent: 'يمكنكم حفظ رسالتي وبريدي الإلكتروني للرد عليّ.',
      privacy: 'الخصوصية',
      send: 'إرسال الرسالة',
      close: 'إغلاق النموذج',
      sending: 'جارٍ الإرسال…',
      noMessage: 'اكتب رسالتك.',
      tooLong: (over, limit) =>
        `الرسالة أطول من الحد بمقدار ${count(over, { one: 'حرف واحد', two: 'حرفين', few: '# أحرف', many: '# حرفًا', other: '# حرف' })}، والحد هو ${number(limit)}.`,
      badMessage: 'لم تُقبل هذه الرسالة. يُرجى تعديلها.',
      noEmail: 'أدخل بريدك الإلكتروني حتى نتمكن من الرد عليك.',
      badEmail: 'أدخل عنوان بريد إلكتروني واحدًا، مثل name@example.com.',
      noConsent: 'ضع علامة هنا حتى نتمكن من حفظ رسالتك والرد عليها.',
      unsent: (sentence) => `لم تُرسل رسالتك. ما كتبته محفوظ هنا. ${sentence}`,
      tooMany: 'كانت هذه رسائل كثيرة في وقت قصير.',
      closed: 'لا تُستقبل الرسائل هنا حاليًا. يُرجى المحاولة لاحقًا.',
    },
    sent: (email) => `أُرسلت رسالتك. سيصل الرد إلى ${email}.`,
  },
}
