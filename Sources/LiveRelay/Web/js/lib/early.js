// Runs before the first paint, as a plain script: theme and language of the page, without a flash of the other.
(function () {
    function stored(key) {
        try {
            return localStorage.getItem('liverelay.' + key);
        } catch (error) {
            return null;
        }
    }
    var query = new URLSearchParams(location.search);
    var theme = query.get('theme') || stored('theme');
    if (theme === 'light' || theme === 'dark') {
        document.documentElement.dataset.theme = theme;
    }
    var language = query.get('lang') || stored('language') || navigator.language || '';
    document.documentElement.lang = /^zh/i.test(language) ? 'zh-CN' : 'en';
})();
